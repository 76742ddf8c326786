import type { BlobStore } from "@polyreel/platform/blobs";
import { INDEX_SUFFIX } from "./kinds/part-key.js";

/**
 * Removes a part by the key of its payload, as far as it exists. The index goes first: from then on the part does not exist, and
 * a crash in between leaves a payload that the next attempt replaces.
 */
export async function removePart(
  store: Pick<BlobStore, "remove">,
  payload: string,
  io: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await store.remove([payload + INDEX_SUFFIX], io);
  await store.remove([payload], io);
}
