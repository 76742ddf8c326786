import { createSecretKey, type KeyObject } from "node:crypto";
import { parseKeyList } from "@polyreel/platform/secrets";

/** A key that signs links. Its secret is a KeyObject, which no log or printed configuration shows. */
export interface LinkKey {
  /** Part of every link that it signed. */
  readonly id: string;
  readonly secret: KeyObject;
}

/** As long as the output of HMAC-SHA256 (RFC 2104, section 3): a shorter secret would be the weakest part. */
const MIN_SECRET_BYTES = 32;

/** Parses `id:secret`, separated by commas or lines. Throws an Error whose message shows no secret. */
export const parseLinkKeys = (text: string): LinkKey[] =>
  parseKeyList(text).map(({ id, secret }) => {
    const bytes = Buffer.from(secret, "utf8");
    if (bytes.length >= MIN_SECRET_BYTES) return { id, secret: createSecretKey(bytes) };
    throw new Error(
      `the secret of key ${id} has ${bytes.length} bytes, fewer than ${MIN_SECRET_BYTES}; make one by: openssl rand -hex 32`,
    );
  });
