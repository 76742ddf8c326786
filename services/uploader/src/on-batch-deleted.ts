import { posix } from "node:path";
import { batchSubjects, STREAM } from "@polyreel/contract";
import { readKeptPaths } from "@polyreel/platform/kept-paths.js";
import { factsSoFar, lastFact, type Told } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { keptPathsKey, PLANS, planPrefix, type Store } from "@polyreel/platform/store/store.js";
import type { Destination } from "./destination/destination.js";
import { batchPlace } from "./manifest/batch-place.js";
import { removeListings } from "./manifest/remove-listings.js";

interface Deps {
  readonly stream: EventStream;
  readonly store: Store;
  readonly destination: Destination;
}

/**
 * Removes a deleted batch's outputs, by the facts that told of them, but for those that are other batches', too; then its
 * specification and what else the store has of its own, and then these facts. Whoever dies in between, the facts are still
 * there, and what is needed to do it again.
 */
export async function onBatchDeleted(
  { batchId, sequence, fact: { tenant } }: Told<"batch.deleted">,
  { stream, store, destination }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const submitted = await lastFact(stream, "batch.submitted", batchId);
  // Of a new batch of this id, which is accepted only when nothing of the old one is left.
  if (submitted && submitted.sequence > sequence) return;
  const own = scopedStore(store, tenant);
  const kept = await readKeptPaths(own, batchId);
  const place = await batchPlace(batchId, stream, store).catch(() => undefined); // removed before
  const folders = new Set<string>(place ? [place.folder] : []);
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    if (!fact.path) continue; // virtual
    folders.add(posix.dirname(fact.path));
    if (kept.has(fact.path)) continue;
    for (const path of [fact.path, ...fact.picturePaths]) await destination.remove(path);
  }
  await removeListings({ batchId, folders }, destination);
  for await (const key of own.list(PLANS)) {
    if (key.startsWith(planPrefix(batchId)) && key !== keptPathsKey(batchId)) await own.remove(key);
  }
  await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq: sequence });
  await own.remove(keptPathsKey(batchId));
}
