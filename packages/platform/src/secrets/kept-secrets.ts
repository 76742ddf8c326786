import { readBytesIfAny } from "../blobs/read-bytes.js";
import type { BlobStore, Io } from "../blobs/store.js";
import { parseSecretKey, SECRETS, secretKey, secretVersionsPrefix, TENANT_SECRETS } from "../blobs/stored-keys.js";
import { PolyreelError } from "../errors.js";
import type { MasterKey, MasterKeys } from "./master-keys.js";
import { openSecret, type SealedHeader, sealedHeader, sealSecret } from "./sealed-secret.js";
import { secretFault } from "./secret-fault.js";
import type { SecretName } from "./secret-name.js";

/** What is known of a secret without opening it; a damaged one has version 0. */
export type SecretInfo = SealedHeader;

export interface SecretValue {
  readonly value: string;
  readonly version: number;
}

export interface Rotation {
  /** Encrypted anew. */
  readonly rotated: readonly SecretName[];
  /** Those that cannot be opened, as `read` throws. */
  readonly failed: readonly { readonly secret: SecretName; readonly error: PolyreelError }[];
}

/** The newest version of a secret. */
interface Newest {
  /** 0: there has been none. */
  readonly version: number;
  /** Undefined: it was removed. */
  readonly sealed: string | undefined;
  /** Of all versions that the store still has, ascending. */
  readonly keys: readonly string[];
}

type Seal = (version: number, newest: Newest) => Promise<string>;

/** Each loss of a race means that another process has changed the secret meanwhile. */
const MAX_TRIES = 20;

/**
 * Secrets in the store. A version is written only if no other has its number, and those before it are removed: a rotation
 * never brings a removed or replaced value back. A removal is an empty version, so that numbers only grow.
 */
export class KeptSecrets {
  constructor(
    private readonly store: Pick<BlobStore, "list" | "read" | "put" | "remove">,
    private readonly keys: MasterKeys,
  ) {}

  /** Throws PolyreelError `precondition` without a master key. */
  async set(secret: SecretName, value: string, now: Date, io?: Io): Promise<SecretInfo> {
    const key = await this.#encryptingKey();
    const seal: Seal = (version) => sealSecret(value, { ...secret, version, setAt: now }, key);
    return await sealedHeader(await this.#change(secret, seal, io));
  }

  /** Undefined if there is no such secret. Throws PolyreelError `precondition` if it cannot be opened. */
  async read(secret: SecretName, io?: Io): Promise<SecretValue | undefined> {
    const newest = await this.#newest(secret, io);
    return newest.sealed === undefined
      ? undefined
      : { value: await this.#open(secret, newest), version: newest.version };
  }

  /** Whether there was one. */
  async remove(secret: SecretName, io?: Io): Promise<boolean> {
    if ((await this.#newest(secret, io)).sealed === undefined) return false;
    await this.#change(secret, async () => "", io);
    return true;
  }

  /**
   * Encrypts all secrets by the first master key that are not. Throws PolyreelError `precondition` without a master key. It may be interrupted and repeated: afterwards the store has
   * nothing of those that it rotated under another key.
   */
  async rotate(io?: Io): Promise<Rotation> {
    const key = await this.#encryptingKey();
    const rotated: SecretName[] = [];
    const failed: { secret: SecretName; error: PolyreelError }[] = [];
    for (const { secret } of await this.#all(io)) {
      try {
        const isRotated = await this.#rotate(secret, key, io);
        await this.#removeFormer(secret, io);
        if (isRotated) rotated.push(secret);
      } catch (error) {
        if (!(error instanceof PolyreelError) || error.code !== "precondition") throw error;
        failed.push({ secret, error });
      }
    }
    return { rotated, failed };
  }

  /** Of a tenant, or of all tenants (""), ascending. */
  async names(tenant: string, io?: Io): Promise<string[]> {
    const found = await this.#under(tenant === "" ? `${SECRETS}/` : `${TENANT_SECRETS}/${tenant}/`, io);
    return found.flatMap(({ secret, isRemoved }) => (isRemoved ? [] : [secret.name]));
  }

  /** All of them: those of all tenants first, then by tenant, ascending. */
  async list(io?: Io): Promise<SecretInfo[]> {
    const found: SecretInfo[] = [];
    for (const { secret } of await this.#all(io)) {
      const { sealed } = await this.#newest(secret, io);
      if (sealed !== undefined) found.push(await headerOf(sealed, secret));
    }
    return found;
  }

  /** Id of the first master key; undefined without any. */
  async encryptingKeyId(): Promise<string | undefined> {
    return (await this.keys())[0]?.id;
  }

  async #encryptingKey(): Promise<MasterKey> {
    const [key] = await this.keys();
    if (key) return key;
    throw new PolyreelError("precondition", {
      reason: "This server has no master key to encrypt secrets with.",
      remedy:
        "Have its operator set POLYREEL_SECRET_KEYS_FILE for all services; `polyreel secrets keygen` prints a key.",
    });
  }

  /** Whether it was not encrypted by this key before. */
  async #rotate(secret: SecretName, key: MasterKey, io?: Io): Promise<boolean> {
    const { sealed } = await this.#newest(secret, io);
    if (sealed === undefined || (await headerOf(sealed, secret)).keyId === key.id) return false;
    const seal: Seal = async (version, newest) => {
      // Removed meanwhile: it stays so.
      if (newest.sealed === undefined) return "";
      const { setAt } = await headerOf(newest.sealed, secret);
      return sealSecret(await this.#open(secret, newest), { ...secret, version, setAt }, key);
    };
    await this.#change(secret, seal, io);
    return true;
  }

  /** Writes the next version, made of the newest one. Returns it. */
  async #change(secret: SecretName, seal: Seal, io?: Io): Promise<string> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const newest = await this.#newest(secret, io);
      const version = newest.version + 1;
      const sealed = await seal(version, newest);
      if (!(await this.store.put(secretKey(secret, version), Buffer.from(sealed), { ...io, ifAbsent: true }))) continue;
      await this.#removeFormer(secret, io);
      return sealed;
    }
    throw changing();
  }

  /**
   * Removes all versions but the newest: also one that was written too late, after its number had been used and removed, and
   * those of processes that ended before they came to this.
   */
  async #removeFormer(secret: SecretName, io?: Io): Promise<void> {
    const { keys } = await this.#newest(secret, io);
    await this.store.remove(keys.slice(0, -1), io);
  }

  async #newest(secret: SecretName, io?: Io): Promise<Newest> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const keys: string[] = [];
      for await (const { key } of this.store.list(secretVersionsPrefix(secret), io)) {
        if (parseSecretKey(key)) keys.push(key);
      }
      const last = keys.at(-1);
      const version = last === undefined ? 0 : (parseSecretKey(last)?.version ?? 0);
      if (last === undefined) return { version, sealed: undefined, keys };
      const bytes = await readBytesIfAny(this.store, last, io);
      if (bytes) return { version, sealed: bytes.length === 0 ? undefined : bytes.toString("utf8"), keys };
      // A newer version has removed it since.
    }
    throw changing();
  }

  async #open(secret: SecretName, { version, sealed = "" }: Newest): Promise<string> {
    try {
      return await openSecret(sealed, { ...secret, version }, await this.keys());
    } catch (error) {
      throw secretFault(secret, error);
    }
  }

  async #all(io?: Io) {
    return [...(await this.#under(`${SECRETS}/`, io)), ...(await this.#under(`${TENANT_SECRETS}/`, io))];
  }

  /** Distinct names below a prefix, removed ones too, ascending. */
  async #under(prefix: string, io?: Io) {
    const newest = new Map<string, { secret: SecretName; isRemoved: boolean }>();
    for await (const { key, sizeBytes } of this.store.list(prefix, io)) {
      const { tenant = "", name } = parseSecretKey(key) ?? {};
      if (name === undefined) continue;
      const secret = { tenant, name };
      newest.set(secretVersionsPrefix(secret), { secret, isRemoved: sizeBytes === 0 });
    }
    const order = ({ secret: { tenant, name } }: { secret: SecretName }) => `${tenant} ${name}`;
    return [...newest.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}

async function headerOf(sealed: string, secret: SecretName): Promise<SecretInfo> {
  try {
    return await sealedHeader(sealed);
  } catch {
    return { ...secret, version: 0, keyId: "", setAt: new Date(0) };
  }
}

const changing = (): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: "Others change this secret at the same time.",
    remedy: "Try again.",
  });
