import { PolyreelError } from "@polyreel/platform";
import type { PartRef } from "./media-ref.js";
import { isPartKind, type PartKindName } from "./part-kinds.js";

const HASH = /^[0-9a-f]{64}$/;

/** Store key of a part's payload. Hashes arrive in messages, and keys become paths, so anything but a hash is rejected. */
export function payloadKey(kind: PartKindName, hash: string): string {
  if (!HASH.test(hash)) throw new PolyreelError("invalid", { reason: "A part's hash must be 64 hexadecimal digits." });
  return `parts/${kind}/${hash}`;
}

/** Suffix that turns a payload's key into the key of its index. */
export const INDEX_SUFFIX = ".index";

/** Store key of a part's index. The part exists when its index does. */
export const indexKey = (kind: PartKindName, hash: string): string => payloadKey(kind, hash) + INDEX_SUFFIX;

const INDEX = /^parts\/([a-z]+)\/([0-9a-f]{64})\.index$/;

/** The part whose index has this key in the store; undefined for any other key. */
export function partOfIndexKey(key: string): PartRef<PartKindName> | undefined {
  const [, kind = "", hash = ""] = INDEX.exec(key) ?? [];
  return isPartKind(kind) ? { kind, hash } : undefined;
}
