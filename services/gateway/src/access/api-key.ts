import { hash, randomBytes } from "node:crypto";

/** A key as callers send it: `pr_<id>_<secret>`. */
export interface ApiKey {
  readonly id: string;
  /** Of the secret part, which nothing else is kept of. */
  readonly secretSha256: Buffer;
}

/** Easily told from other secrets by scanners of repositories. */
const PREFIX = "pr";
const ID_BYTES = 8;
const SECRET_BYTES = 32;
const KEY = /^pr_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** A new one; `text` is all of it. */
export function makeApiKey(): ApiKey & { readonly text: string } {
  const id = randomBytes(ID_BYTES).toString("hex");
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  return { id, secretSha256: sha256(secret), text: `${PREFIX}_${id}_${secret}` };
}

/** Undefined if it is none. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id && secret ? { id, secretSha256: sha256(secret) } : undefined;
}

/** Without salt and stretching: the secret has 256 random bits. */
const sha256 = (secret: string): Buffer => hash("sha256", secret, "buffer");
