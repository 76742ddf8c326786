import { timingSafeEqual } from "node:crypto";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Key } from "@polyreel/contract";
import type { Log } from "@polyreel/platform/runtime";
import { LRUCache } from "lru-cache";
import type { Principal } from "../call/call.js";
import { type ApiKey, parseApiKey } from "./api-key.js";
import type { KeptKeys } from "./kept-keys.js";
import { type Scheme, wrongToken } from "./scheme.js";
import type { SetupToken } from "./setup-token.js";

/** A revoked key is refused after at most this time and that of one look into the store. */
const KNOWN_FOR_MS = 30_000;
/** Also bounds what random keys can occupy. */
const MAX_KNOWN = 10_000;
const USE_NOTED_EVERY_MS = 3_600_000;

/** What is known of an id: its key with the hash of its secret, or that there is none. */
interface Known {
  readonly key: Key | undefined;
  readonly secretSha256: Uint8Array;
}

interface Deps {
  readonly keys: KeptKeys;
  readonly setup: SetupToken;
  readonly log: Log;
  readonly now?: () => Date;
}

/** Callers with keys, and with the token for the first one. Keys are looked up once in half a minute. */
export class KeyScheme implements Scheme {
  readonly #known: LRUCache<string, Known>;
  readonly #noted = new LRUCache<string, true>({ max: MAX_KNOWN, ttl: USE_NOTED_EVERY_MS });
  readonly #now: () => Date;

  constructor(private readonly deps: Deps) {
    this.#now = deps.now ?? (() => new Date());
    this.#known = new LRUCache({
      max: MAX_KNOWN,
      ttl: KNOWN_FOR_MS,
      fetchMethod: async (id) => {
        const record = await deps.keys.get(id);
        return { key: record?.key, secretSha256: record?.secretSha256 ?? new Uint8Array() };
      },
    });
  }

  /** Unknown, wrong, expired and revoked keys are refused with one message, which tells nothing about others' keys. */
  async identify(token: string): Promise<Principal | undefined> {
    if (await this.deps.setup.accepts(token)) return { kind: "setup" };
    const stated = parseApiKey(token);
    if (!stated) return undefined;
    const key = this.#proved(stated, await this.#known.fetch(stated.id));
    if (!key) throw wrongToken();
    return { kind: "key", key };
  }

  recall(token: string): Principal | undefined {
    const stated = parseApiKey(token);
    const key = stated && this.#proved(stated, this.#known.get(stated.id));
    return key && { kind: "key", key };
  }

  /** The key whose id a token states, whether or not its secret is right: for the audit log, never to permit anything. */
  async stated(token: string): Promise<Key | undefined> {
    const stated = parseApiKey(token);
    return stated && (await this.#known.fetch(stated.id))?.key;
  }

  async stillHolds(principal: Principal): Promise<boolean> {
    if (principal.kind !== "key") return true;
    const known = await this.#known.fetch(principal.key.id);
    return known?.key !== undefined && !this.#isOver(known.key);
  }

  /** Makes this gateway notice a change of a key at once. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  /** The key, if it is valid and the secret its own. */
  #proved({ id, secretSha256 }: ApiKey, known: Known | undefined): Key | undefined {
    if (!known?.key || !isSame(known.secretSha256, secretSha256) || this.#isOver(known.key)) return undefined;
    this.#noteUse(id);
    return known.key;
  }

  #isOver = ({ revokedAt, expiresAt }: Key): boolean =>
    revokedAt !== undefined || (expiresAt !== undefined && timestampDate(expiresAt) <= this.#now());

  #noteUse(id: string): void {
    if (this.#noted.has(id)) return;
    this.#noted.set(id, true);
    this.deps.keys.noteUse(id).catch((error: unknown) => {
      this.#noted.delete(id);
      this.deps.log.warn({ err: error, key: id }, "the use of a key could not be noted");
    });
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
