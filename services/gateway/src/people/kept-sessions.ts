import { create } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type Role, type Session, type SessionRecord, SessionRecordSchema, SessionSchema } from "@polyreel/contract";
import { type Store, USER_SESSIONS } from "@polyreel/platform/blobs";
import { SESSION_LASTS_MS } from "./lifetimes.js";
import { RevisedRecords } from "./revised-records.js";
import { hasHash, makeSecret, sha256 } from "./secret.js";
import {
  formatSessionToken,
  makeSessionId,
  makeSessionToken,
  parseSessionToken,
  sessionPrefix,
} from "./session-tokens.js";

/** Of one user; more end the oldest. */
const MAX_SESSIONS = 100;

/** Who signed in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly tenant: string;
  /** Who vouches for them: empty for users of this installation. */
  readonly provider: string;
  /** Of the user's record; 0 for a provider's. */
  readonly generation: bigint;
}

/** What a provider states of a sign-in, to sign out by. */
export interface ProviderSignIn {
  /** Encrypted. */
  readonly idToken: string;
  readonly providerSession: string;
}

interface Beginning {
  readonly page: boolean;
  readonly client: string;
  readonly lastsMs?: number;
  readonly signIn?: ProviderSignIn;
}

/** A session that began or went on, with the token of its next use. */
export interface BegunSession {
  readonly session: Session;
  readonly token: string;
}

/** Sessions of people, in the store that all gateways share. */
export class KeptSessions {
  readonly #records: RevisedRecords<typeof SessionRecordSchema>;

  constructor(store: Store) {
    this.#records = new RevisedRecords(store, USER_SESSIONS, SessionRecordSchema);
  }

  async begin(person: Person, { page, client, lastsMs = SESSION_LASTS_MS, signIn }: Beginning): Promise<BegunSession> {
    const { provider, generation, id: userId, ...rest } = person;
    await this.#makeRoom(userId);
    const id = makeSessionId(userId);
    const { secret, rotating } = makeSessionToken(id, page);
    const now = Date.now();
    const session = create(SessionSchema, {
      ...{ id, userId, ...rest, page, client: client.slice(0, 200) },
      createdAt: timestampFromMs(now),
      expiresAt: timestampFromMs(now + lastsMs),
    });
    const hashes = { secretSha256: sha256(secret), ...(rotating && { rotatingSha256: sha256(rotating) }) };
    await this.#records.change(id, () =>
      create(SessionRecordSchema, { session, provider, generation, ...signIn, ...hashes }),
    );
    return { session, token: formatSessionToken({ id, secret, rotating }) };
  }

  /**
   * Exchanges a refresh token for the next one. Undefined if it is wrong, or the session is over; an earlier one of the session is
   * a stolen one, or its owner's after a theft, and ends it. `mayGoOn`: whether its user may still.
   */
  async refresh(text: string, mayGoOn: (record: SessionRecord) => Promise<boolean>): Promise<BegunSession | undefined> {
    const token = parseSessionToken(text);
    if (token?.rotating === undefined) return undefined;
    const { id, secret, rotating } = token;
    const next = makeSecret();
    let isReused: boolean | undefined;
    const changed = await this.#change(id, async (record) => {
      isReused = false;
      if (!hasHash(secret, record.secretSha256) || !(await mayGoOn(record))) return undefined;
      isReused = !hasHash(rotating, record.rotatingSha256);
      return isReused ? { ...record, ended: true } : { ...record, rotatingSha256: sha256(next) };
    });
    if (isReused || !changed?.session) return undefined;
    return { session: changed.session, token: formatSessionToken({ id, secret, rotating: next }) };
  }

  /** Undefined if there is none, or it is over. Up to half a minute old: for every request. */
  async known(id: string): Promise<SessionRecord | undefined> {
    return current(await this.#records.known(id));
  }

  /** The same at once; undefined also for one that was not looked up lately. */
  recalled(id: string): SessionRecord | undefined {
    return current(this.#records.recalled(id));
  }

  /** The session of a page's cookie, as far as known. */
  async ofPage(text: string): Promise<SessionRecord | undefined> {
    const token = parseSessionToken(text);
    if (!token || token.rotating !== undefined) return undefined;
    const record = await this.known(token.id);
    return record?.session?.page && hasHash(token.secret, record.secretSha256) ? record : undefined;
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    return current(await this.#records.get(id));
  }

  /** Of one user, or all; the newest first. */
  async list(userId?: string, signal?: AbortSignal): Promise<SessionRecord[]> {
    const prefix = userId === undefined ? "" : sessionPrefix(userId);
    const found: SessionRecord[] = [];
    for await (const record of this.#records.list(prefix, signal)) if (!isOver(record)) found.push(record);
    return found.sort((a, b) => begunAt(b) - begunAt(a));
  }

  /** Within a minute, no gateway accepts what belongs to it. */
  async end(id: string): Promise<void> {
    await this.#change(id, (record) => ({ ...record, ended: true }));
  }

  async #change(
    id: string,
    change: (record: SessionRecord) => SessionRecord | undefined | Promise<SessionRecord | undefined>,
  ): Promise<SessionRecord | undefined> {
    return this.#records.change(id, (record) => {
      const open = current(record);
      return open && change(open);
    });
  }

  /** Removes what is over, and ends the oldest beyond the limit. */
  async #makeRoom(userId: string): Promise<void> {
    const open: SessionRecord[] = [];
    for await (const record of this.#records.list(sessionPrefix(userId))) {
      // Ended ones stay until nobody can hold their tokens for valid.
      if (isExpired(record)) await this.#records.remove(record.session?.id ?? "");
      else if (!record.ended) open.push(record);
    }
    open.sort((a, b) => begunAt(b) - begunAt(a));
    for (const { session } of open.slice(MAX_SESSIONS - 1)) if (session) await this.end(session.id);
  }
}

const begunAt = ({ session }: SessionRecord): number => (session?.createdAt ? timestampMs(session.createdAt) : 0);
const isExpired = ({ session }: SessionRecord): boolean =>
  session?.expiresAt === undefined || timestampMs(session.expiresAt) <= Date.now();
const isOver = (record: SessionRecord): boolean => record.ended || isExpired(record);
const current = (record: SessionRecord | undefined): SessionRecord | undefined =>
  record && !isOver(record) ? record : undefined;
