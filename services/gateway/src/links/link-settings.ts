import { readFile } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import type { LinkConfig } from "./config.js";
import { keptLinkKey } from "./kept-link-key.js";
import { type LinkKey, parseLinkKeys } from "./link-keys.js";

/** The configured keys, or else the one kept in the store. Throws PolyreelError `precondition` for an invalid file. */
export async function openLinkKeys({ keys, keysFile }: LinkConfig, store: Store): Promise<readonly LinkKey[]> {
  if (keys.length > 0) return keys;
  return keysFile === "" ? [await keptLinkKey(store)] : keysIn(keysFile);
}

async function keysIn(path: string): Promise<readonly LinkKey[]> {
  let reason = "it has none";
  try {
    const keys = parseLinkKeys(await readFile(path, "utf8"));
    if (keys.length > 0) return keys;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    reason = code ?? message;
  }
  throw new PolyreelError("precondition", {
    reason: `The keys in POLYREEL_LINK_KEYS_FILE, ${path}, can't be used: ${reason}.`,
    remedy:
      "Write one `id:secret` a line, the signing key first, and let the user that Polyreel runs as read the file.",
  });
}
