import { posix } from "node:path";
import type { Destination } from "../destinations/destination.js";
import { listingNames, MANIFESTS } from "./names.js";

/**
 * Removes a deleted batch's manifests from these folders, and incomplete files of dead uploaders. A folder is removed
 * if only a manifest is left in it; if there are other files, the manifest may be another batch's.
 */
export async function removeListings(
  { batchId, folders }: { batchId: string; folders: Iterable<string> },
  destination: Destination,
): Promise<void> {
  // A folder can be removed only after its subfolders.
  const deepestFirst = [...folders].sort((a, b) => b.length - a.length);
  for (const folder of deepestFirst) {
    await destination.removeLeftovers({ batchId, folder });
    // The batch's id is in the name: one without a receipt is from an earlier release.
    for (const name of listingNames(batchId))
      await destination.remove(posix.join(folder, name), batchId, async () => true);
    await destination.removeRest(folder, MANIFESTS, batchId);
  }
}
