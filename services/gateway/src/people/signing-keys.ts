import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { readBytesIfAny, SIGNING_KEYS, type Store, signingKeyKey } from "@polyreel/platform/blobs";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { ACCESS_LASTS_MS } from "./lifetimes.js";

/** RFC 8037: small signatures, and nothing to choose wrongly. */
export const ALGORITHM = "EdDSA";
const ROTATED_AFTER_MS = 30 * 24 * 3600_000;
/** For unknown ids, keys are looked up again at most so often: forged tokens cost no more. */
const RELOADED_AFTER_MS = 1000;

interface SigningKey {
  /** Begins with the time of its creation, in milliseconds: keys are in the order of their ids. */
  readonly id: string;
  readonly createdAtMs: number;
  readonly publicJwk: JWK;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/** Keys that sign access tokens, kept in the store: the newest signs, and the earlier ones verify until their tokens have expired. */
export class SigningKeys {
  #keys: readonly SigningKey[] = [];
  #loadedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | undefined;

  constructor(private readonly store: Store) {}

  /** The key that signs; a new one if the newest is too old, or there is none. */
  async signing(): Promise<SigningKey> {
    const known = this.#keys.at(-1);
    if (known && !isOld(known)) return known;
    await this.#load();
    const newest = this.#keys.at(-1);
    return newest && !isOld(newest) ? newest : await this.rotate();
  }

  /** Makes a new key, which signs from now on, and removes those whose tokens have expired. */
  async rotate(): Promise<SigningKey> {
    await this.#load();
    const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const jwk = await exportJWK(privateKey);
    const id = `${String(Date.now()).padStart(14, "0")}-${randomBytes(4).toString("hex")}`;
    await this.store.put(signingKeyKey(id), Buffer.from(JSON.stringify(jwk)), { ifAbsent: true });
    const key = await signingKey(id, jwk);
    // A key signed until the next one was made.
    const over = this.#keys.filter((_, i) => isLongAgo((this.#keys[i + 1] ?? key).createdAtMs));
    await this.store.remove(over.map((one) => signingKeyKey(one.id)));
    this.#keys = [...this.#keys.filter((one) => !over.includes(one)), key];
    return key;
  }

  /** The public key with this id, of this or another gateway. */
  async verifying(id: string): Promise<CryptoKey | undefined> {
    if (!ID.test(id)) return undefined;
    const find = () => this.#keys.find((key) => key.id === id)?.publicKey;
    const known = find();
    if (known) return known;
    const seenAt = this.#loadedAt;
    const waitMs = seenAt + RELOADED_AFTER_MS - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    // Unless another request has looked meanwhile.
    await (this.#loadedAt === seenAt ? this.#load() : this.#loading);
    return find();
  }

  /** What others need to verify tokens (RFC 7517, section 5). */
  async jwks(): Promise<{ readonly keys: readonly JWK[] }> {
    await this.signing();
    return { keys: this.#keys.map(({ publicJwk }) => publicJwk) };
  }

  /** Requests at the same time wait for the same look into the store. */
  #load(): Promise<void> {
    this.#loading ??= this.#loadNow().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #loadNow(): Promise<void> {
    this.#loadedAt = performance.now();
    const found: SigningKey[] = [];
    for await (const { key } of this.store.list(`${SIGNING_KEYS}/`)) {
      const id = key.slice(SIGNING_KEYS.length + 1);
      const bytes = ID.test(id) ? await readBytesIfAny(this.store, key) : undefined;
      if (bytes) found.push(await signingKey(id, JSON.parse(bytes.toString("utf8")) as JWK));
    }
    this.#keys = found;
  }
}

const ID = /^\d{14}-[0-9a-f]{8}$/;

async function signingKey(id: string, jwk: JWK): Promise<SigningKey> {
  const { d: _, ...open } = jwk;
  const publicJwk = { ...open, kid: id, alg: ALGORITHM, use: "sig" };
  const [publicKey, privateKey] = await Promise.all([importJWK(publicJwk, ALGORITHM), importJWK(jwk, ALGORITHM)]);
  return {
    id,
    createdAtMs: Number(id.slice(0, 14)),
    publicJwk,
    publicKey: asymmetric(publicKey),
    privateKey: asymmetric(privateKey),
  };
}

/** Only symmetric keys are bytes. */
function asymmetric(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new Error("a signing key of the store is not asymmetric");
  return key;
}

const isOld = ({ createdAtMs }: SigningKey): boolean => createdAtMs + ROTATED_AFTER_MS <= Date.now();
const isLongAgo = (atMs: number): boolean => atMs + ACCESS_LASTS_MS <= Date.now();
