import { randomBytes } from "node:crypto";
import { PolyreelError } from "@polyreel/platform";
import { keptLinkKeyKey, readBytes, readBytesIfAny, type Store } from "@polyreel/platform/blobs";
import { type LinkKey, parseLinkKeys } from "./link-keys.js";

/**
 * The key of an installation without configured ones: made by its first gateway, and kept in the store, so that all gateways
 * have the same, and links survive restarts. Whoever reads it can read everything that links lead to anyway.
 */
export async function keptLinkKey(store: Store): Promise<LinkKey> {
  const bytes = (await readBytesIfAny(store, keptLinkKeyKey())) ?? (await makeKey(store));
  try {
    const [key] = parseLinkKeys(bytes.toString("utf8"));
    if (key) return key;
  } catch {} // Its text is about configured keys.
  throw new PolyreelError("precondition", {
    reason: `The store's object ${keptLinkKeyKey()}, which signs links, is damaged.`,
    remedy: "Remove it: another one is made, and earlier links no longer work. Or set POLYREEL_LINK_KEYS.",
  });
}

/** Of several gateways that make one at the same time, one writes it, and all read that one. */
async function makeKey(store: Store): Promise<Buffer> {
  const made = `kept-${randomBytes(4).toString("hex")}:${randomBytes(32).toString("base64url")}\n`;
  await store.put(keptLinkKeyKey(), Buffer.from(made), { ifAbsent: true });
  return readBytes(store, keptLinkKeyKey());
}
