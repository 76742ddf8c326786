import { create } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Role, type User, type UserRecord, UserRecordSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Store, USERS } from "@polyreel/platform/blobs";
import { makePasswordToken, parsePasswordToken } from "./one-time-token.js";
import { RevisedRecords } from "./revised-records.js";
import { hasHash, sha256 } from "./secret.js";

/** A token that was made for a person; `text` is nowhere else. */
export interface PasswordToken {
  readonly text: string;
  readonly expiresAtMs: number;
}

/** Users of the installation, in the store that all gateways share. */
export class KeptUsers {
  readonly #records: RevisedRecords<typeof UserRecordSchema>;

  constructor(store: Store) {
    this.#records = new RevisedRecords(store, USERS, UserRecordSchema);
  }

  /** Undefined if there is none, or no longer. */
  async get(id: string, signal?: AbortSignal): Promise<UserRecord | undefined> {
    return present(await this.#records.get(id, signal));
  }

  /** The same, up to half a minute old: for every request. */
  async known(id: string): Promise<UserRecord | undefined> {
    return present(await this.#records.known(id));
  }

  /** The same at once; undefined also for one that was not looked up lately. */
  recalled(id: string): UserRecord | undefined {
    return present(this.#records.recalled(id));
  }

  /** By email address. */
  async list(signal?: AbortSignal): Promise<User[]> {
    const users: User[] = [];
    for await (const { user, removed } of this.#records.list("", signal)) if (user && !removed) users.push(user);
    return users.sort((a, b) => (a.email < b.email ? -1 : 1));
  }

  /** Whether somebody can sign in who may do everything; somebody else than one user, if given. */
  async hasOperator(except = ""): Promise<boolean> {
    for await (const { user, removed } of this.#records.list("")) {
      if (user && !removed && user.id !== except && user.role === Role.OPERATOR && user.active && user.hasPassword)
        return true;
    }
    return false;
  }

  /** With a token that sets the password. Throws PolyreelError `conflict` if there is one with this address. */
  async add(user: User, tokenForMs: number): Promise<PasswordToken> {
    const { token, fields } = newToken(user.id, tokenForMs);
    await this.#records.change(user.id, (current) => {
      if (current && !current.removed) throw alreadyThere(user.email);
      return create(UserRecordSchema, { user, ...fields, generation: (current?.generation ?? 0n) + 1n });
    });
    return token;
  }

  /** Throws PolyreelError `not_found` without such a user, and what `change` throws. */
  async update(id: string, change: (user: User) => User): Promise<User> {
    const { user } = await this.#changeExisting(id, (record, user) => {
      const changed = change(user);
      const isEnded = user.active && !changed.active;
      return { ...record, user: changed, generation: record.generation + (isEnded ? 1n : 0n) };
    });
    return user;
  }

  /** Its record remains, without a password: so no session can hold for another user with the same address. */
  async remove(id: string): Promise<void> {
    await this.#changeExisting(id, (record, user) => ({
      ...record,
      user: { ...user, hasPassword: false, name: "" },
      ...{ removed: true, passwordHash: "", tokenSha256: new Uint8Array() },
      generation: record.generation + 1n,
    }));
  }

  /** Ends the password and all sessions. */
  async resetPassword(id: string, tokenForMs: number): Promise<{ user: User; token: PasswordToken }> {
    const { token, fields } = newToken(id, tokenForMs);
    const { user } = await this.#changeExisting(id, (record, user) => ({
      ...{ ...record, ...fields },
      user: { ...user, hasPassword: false },
      passwordHash: "",
      generation: record.generation + 1n,
    }));
    return { user, token };
  }

  /** The user whose password a token may set; undefined if it is wrong, used or expired. */
  async ofToken(text: string): Promise<User | undefined> {
    const stated = parsePasswordToken(text);
    const record = stated && (await this.get(stated.userId));
    return record && isTokenOf(record, stated.secret) ? record.user : undefined;
  }

  /** Ends all sessions. `isAllowed` decides on the current record. Undefined, if it does not. */
  async setPassword(
    id: string,
    passwordHash: string,
    isAllowed: (record: UserRecord) => boolean,
  ): Promise<UserRecord | undefined> {
    return await this.#records.change(id, (current) => {
      if (!current?.user || current.removed || !isAllowed(current)) return undefined;
      return {
        ...current,
        user: { ...current.user, hasPassword: true },
        ...{ passwordHash, tokenSha256: new Uint8Array() },
        generation: current.generation + 1n,
      };
    });
  }

  async #changeExisting(
    id: string,
    change: (record: UserRecord, user: User) => UserRecord,
  ): Promise<UserRecord & { user: User }> {
    const changed = await this.#records.change(id, (current) => {
      if (!current?.user || current.removed) throw noSuchUser(id);
      return change(current, current.user);
    });
    if (!changed?.user) throw noSuchUser(id);
    return { ...changed, user: changed.user };
  }
}

const present = (record: UserRecord | undefined): UserRecord | undefined => (record?.removed ? undefined : record);

export const isTokenOf = ({ tokenSha256, tokenExpiresAt }: UserRecord, secret: string): boolean =>
  hasHash(secret, tokenSha256) && tokenExpiresAt !== undefined && timestampMs(tokenExpiresAt) > Date.now();

function newToken(id: string, forMs: number) {
  const { text, secret } = makePasswordToken(id);
  const expiresAtMs = Date.now() + forMs;
  const fields = { tokenSha256: sha256(secret), tokenExpiresAt: timestampFromMs(expiresAtMs) };
  return { token: { text, expiresAtMs } satisfies PasswordToken, fields };
}

export const noSuchUser = (named: string): PolyreelError =>
  new PolyreelError("not_found", {
    field: "user",
    reason: `There is no user ${JSON.stringify(named.slice(0, 80))}.`,
    remedy: "polyreel users list shows them.",
  });

const alreadyThere = (email: string): PolyreelError =>
  new PolyreelError("conflict", {
    field: "email",
    reason: `A user with the address ${JSON.stringify(email)} exists already.`,
    remedy: "Change that user, or choose another address.",
  });
