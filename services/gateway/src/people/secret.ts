import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits in 43 characters: it needs neither salt nor a slow hash. */
export const makeSecret = (): string => randomBytes(32).toString("base64url");

export const sha256 = (secret: string): Buffer => hash("sha256", secret, "buffer");

/**
 * The key of a verified token in memory. In one step, like the hash above: every request needs one, and an object for each costs
 * several times the hash.
 */
export const tokenKey = (token: string): string => hash("sha256", token, "base64");

/** Whether a secret has this hash, in a time that does not depend on it. */
export function hasHash(secret: string, expected: Uint8Array): boolean {
  const own = sha256(secret);
  return expected.length === own.length && timingSafeEqual(own, expected);
}
