import { posix } from "node:path";
import { batchSubjects, STREAM } from "@polyreel/contract";
import { factsSoFar, type Told } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import type { Store } from "@polyreel/platform/store/store.js";
import type { Destination } from "./destination/destination.js";
import { batchPlace } from "./manifest/batch-place.js";
import { MANIFESTS } from "./on-batch-finished.js";

interface Deps {
  readonly stream: EventStream;
  readonly store: Store;
  readonly destination: Destination;
}

/**
 * Removes a deleted batch's outputs, by the facts that told of them, and then these facts. Whoever dies in between, the facts
 * are still there. A folder goes when nothing but the batch's manifest is left in it.
 */
export async function onBatchDeleted(
  { batchId, sequence }: Told<"batch.deleted">,
  { stream, store, destination }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set<string>();
  const place = await batchPlace(batchId, stream, store).catch(() => undefined); // removed before
  if (place) folders.add(place.folder);
  for await (const told of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    if (told.sequence > sequence) break; // of a new batch of this id
    for (const path of [told.fact.path, ...told.fact.picturePaths].filter(Boolean)) {
      await destination.remove(path);
      folders.add(posix.dirname(path));
    }
  }
  for (const folder of folders) await destination.removeRest(folder, MANIFESTS);
  await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq: sequence });
}
