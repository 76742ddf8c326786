import { createSecretKey, type KeyObject } from "node:crypto";

/** A key that signs links. Its secret is a KeyObject, which no log or printed configuration shows. */
export interface LinkKey {
  /** Part of every link that it signed. */
  readonly id: string;
  readonly secret: KeyObject;
}

const ID = /^[A-Za-z0-9_-]{1,32}$/;
/** As long as the output of HMAC-SHA256 (RFC 2104, section 3): a shorter secret would be the weakest part. */
const MIN_SECRET_BYTES = 32;

/**
 * Parses `id:secret`, several separated by commas or lines; lines that begin with "#" are comments. Throws an Error whose
 * message shows no secret, since a mistyped key may be one.
 */
export function parseLinkKeys(text: string): LinkKey[] {
  const entries = text
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith("#"))
    .flatMap((line) => line.split(","))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const keys = entries.map(parseKey);
  const twice = keys.find(({ id }, i) => keys.findIndex((other) => other.id === id) < i);
  if (twice) throw new Error(`two keys have the id ${twice.id}`);
  return keys;
}

function parseKey(entry: string, i: number): LinkKey {
  const colon = entry.indexOf(":");
  const id = entry.slice(0, Math.max(0, colon));
  const secret = Buffer.from(entry.slice(colon + 1), "utf8");
  if (!ID.test(id)) {
    throw new Error(`key ${i + 1} is not id:secret, with an id of up to 32 letters, digits, "-" and "_"`);
  }
  if (secret.length < MIN_SECRET_BYTES) {
    throw new Error(
      `the secret of key ${id} has ${secret.length} bytes, fewer than ${MIN_SECRET_BYTES}; make one by: openssl rand -hex 32`,
    );
  }
  return { id, secret: createSecretKey(secret) };
}
