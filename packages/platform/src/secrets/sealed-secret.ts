import type { MasterKey } from "./master-keys.js";
import type { SecretName } from "./secret-name.js";

// A sealed secret is a JWE in compact form (RFC 7516): AES-256-GCM under a master key, with a random nonce. Its header is
// authenticated with it, and names the only place where it may stand: moved to another name, tenant or version, it does not
// open. Nonces are random: 2^32 writes under one key are the limit of NIST SP 800-38D, which no installation reaches. The
// library is loaded with the first secret: services start without it.

const KEY_MANAGEMENT = "dir";
const ENCRYPTION = "A256GCM";
const TYPE = "polyreel-secret-1";

/** Where a sealed secret stands. */
export interface SealedPlace extends SecretName {
  readonly version: number;
}

/** What can be read of a sealed secret without a key. */
export interface SealedHeader extends SealedPlace {
  /** Of the master key that opens it. */
  readonly keyId: string;
  /** When its value was set, in whole seconds. */
  readonly setAt: Date;
}

/** Why a sealed secret cannot be opened; none of its text. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";

  constructor(
    readonly why: "damaged" | "moved" | "missing-key",
    /** The master key that it needs, as far as that is known. */
    readonly keyId: string,
  ) {
    super(why);
  }
}

export async function sealSecret(
  value: string,
  header: Omit<SealedHeader, "keyId">,
  { id, key }: MasterKey,
): Promise<string> {
  const { CompactEncrypt } = await import("jose");
  const { tenant, name, version, setAt } = header;
  return new CompactEncrypt(Buffer.from(value, "utf8"))
    .setProtectedHeader({
      ...{ alg: KEY_MANAGEMENT, enc: ENCRYPTION, typ: TYPE, kid: id },
      ...{ tenant, name, version, iat: Math.floor(setAt.getTime() / 1000) },
    })
    .encrypt(key);
}

/** What the header claims; only `openSecret` verifies it. Throws SealBroken. */
export async function sealedHeader(sealed: string): Promise<SealedHeader> {
  const { decodeProtectedHeader } = await import("jose");
  try {
    const { typ, kid, tenant, name, version, iat } = decodeProtectedHeader(sealed);
    if (typ === TYPE && isText(kid) && isText(tenant) && isText(name) && isCount(version) && isCount(iat)) {
      return { tenant, name, version, keyId: kid, setAt: new Date(iat * 1000) };
    }
  } catch {} // Its text may quote the object.
  throw new SealBroken("damaged", "");
}

/** The value of a secret that stands at a place. Throws SealBroken. */
export async function openSecret(sealed: string, place: SealedPlace, keys: readonly MasterKey[]): Promise<string> {
  const { tenant, name, version, keyId } = await sealedHeader(sealed);
  if (tenant !== place.tenant || name !== place.name || version !== place.version) throw new SealBroken("moved", keyId);
  const key = keys.find(({ id }) => id === keyId)?.key;
  if (!key) throw new SealBroken("missing-key", keyId);
  const { compactDecrypt } = await import("jose");
  const algorithms = { keyManagementAlgorithms: [KEY_MANAGEMENT], contentEncryptionAlgorithms: [ENCRYPTION] };
  const { plaintext } = await compactDecrypt(sealed, key, algorithms).catch(() => {
    throw new SealBroken("damaged", keyId);
  });
  return Buffer.from(plaintext).toString("utf8");
}

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
