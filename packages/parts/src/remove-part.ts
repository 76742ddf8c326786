import type { Store } from "@polyreel/platform/blobs";
import { INDEX_SUFFIX } from "./kinds/part-key.js";

/**
 * Removes a part by the key of its payload, as far as it exists. The index goes first: from then on the part does not exist, and
 * a crash in between leaves a payload that the next attempt replaces.
 */
export async function removePart(store: Pick<Store, "remove">, payload: string): Promise<void> {
  await store.remove(payload + INDEX_SUFFIX);
  await store.remove(payload);
}
