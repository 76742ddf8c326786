import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits in 43 characters: it needs neither salt nor a slow hash. */
export const makeSecret = (): string => randomBytes(32).toString("base64url");

export const sha256 = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** Whether a secret has this hash, in a time that does not depend on it. */
export function hasHash(secret: string, hash: Uint8Array): boolean {
  const own = sha256(secret);
  return hash.length === own.length && timingSafeEqual(own, hash);
}
