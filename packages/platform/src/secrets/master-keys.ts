import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { PolyreelError } from "../errors.js";
import type { Log } from "../runtime/log.js";
import type { SecretsConfig } from "./config.js";
import { parseKeyList } from "./key-list.js";

/** A key that encrypts secrets. It is a KeyObject, which no log or printed configuration shows. */
export interface MasterKey {
  /** Part of every secret that it encrypted. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The first encrypts, all decrypt. Read for each use, so that a replaced file takes effect at once. */
export type MasterKeys = () => Promise<readonly MasterKey[]>;

/** Of A256GCM. */
const KEY_BYTES = 32;
/** Mode bits of everybody but the owner and its group. */
const OTHERS = 0o007;

/** Parses `id:base64`, separated by commas or lines. Throws an Error whose message shows no key. */
export const parseMasterKeys = (text: string): MasterKey[] =>
  parseKeyList(text).map(({ id, secret }) => {
    const bytes = Buffer.from(secret, "base64");
    const isBase64 = bytes.toString("base64").replace(/=+$/, "") === secret.replace(/=+$/, "");
    if (isBase64 && bytes.length === KEY_BYTES) return { id, key: createSecretKey(bytes) };
    throw new Error(
      `the key ${id} is not ${KEY_BYTES} bytes in Base64; \`polyreel secrets keygen\` prints a right one`,
    );
  });

/** A new key as `parseMasterKeys` reads it, with an id that sorts by its day: "k20300101-1f3a:...". */
export function makeMasterKey(now: Date = new Date()): string {
  const id = `k${now.toISOString().slice(0, 10).replaceAll("-", "")}-${randomBytes(2).toString("hex")}`;
  return `${id}:${randomBytes(KEY_BYTES).toString("base64")}`;
}

/** The configured keys, perhaps none. Throws PolyreelError `precondition` for a file that can't be used. */
export async function openMasterKeys({ keys, keysFile }: SecretsConfig, log: Log): Promise<MasterKeys> {
  if (keysFile === "") return async () => keys;
  const read: MasterKeys = () => keysIn(keysFile);
  await read();
  const { mode } = await stat(keysFile);
  if ((mode & OTHERS) !== 0) {
    log.warn({ file: keysFile }, "other users of this machine may read the master keys of secrets: chmod o= the file");
  }
  return read;
}

async function keysIn(path: string): Promise<readonly MasterKey[]> {
  let reason = "it has none";
  try {
    const keys = parseMasterKeys(await readFile(path, "utf8"));
    if (keys.length > 0) return keys;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    reason = code ?? message;
  }
  throw new PolyreelError("precondition", {
    reason: `The master keys in POLYREEL_SECRET_KEYS_FILE, ${path}, can't be used: ${reason}.`,
    remedy:
      "Write one `id:base64` a line, the encrypting key first, and let the user that Polyreel runs as read the file.",
  });
}
