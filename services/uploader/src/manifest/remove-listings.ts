import { posix } from "node:path";
import type { Destination } from "../destination/destination.js";
import { listingNames, MANIFESTS } from "./names.js";

/**
 * Removes what lists a deleted batch's outputs in these folders, and what uploaders that died left half made of it. A folder
 * goes when nothing but a manifest is left in it; where there is more, the manifest may be another batch's.
 */
export async function removeListings(
  { batchId, folders }: { batchId: string; folders: Iterable<string> },
  destination: Destination,
): Promise<void> {
  // A folder goes only after those in it.
  const inwardFirst = [...folders].sort((a, b) => b.length - a.length);
  for (const folder of inwardFirst) {
    await destination.removeLeftovers({ batchId, folder });
    // Named for the batch: one without a receipt is an earlier release's.
    for (const name of listingNames(batchId))
      await destination.remove(posix.join(folder, name), batchId, async () => true);
    await destination.removeRest(folder, MANIFESTS, batchId);
  }
}
