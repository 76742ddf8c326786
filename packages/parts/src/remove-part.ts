import type { BlobStore } from "@polyreel/platform/blobs";
import { INDEX_SUFFIX } from "./kinds/part-key.js";

/**
 * Removes a part, if it exists, by the key of its payload. The index is removed first: then the part no longer exists, and a
 * crash in between leaves a payload that the next attempt replaces.
 */
export async function removePart(
  store: Pick<BlobStore, "remove">,
  payload: string,
  io: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await store.remove([payload + INDEX_SUFFIX], io);
  await store.remove([payload], io);
}
