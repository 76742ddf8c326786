import { posix } from "node:path";
import { batchSubjects, STREAM } from "@polyreel/contract";
import { factsSoFar, lastFact, type Told } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { PLANS, planPrefix, type Store } from "@polyreel/platform/store/store.js";
import type { Destination } from "./destination/destination.js";
import { batchPlace } from "./manifest/batch-place.js";
import { removeListings } from "./manifest/remove-listings.js";

interface Deps {
  readonly stream: EventStream;
  readonly store: Store;
  readonly destination: Destination;
}

/**
 * Removes a deleted batch's outputs, by the facts that told of them, then its specification and what else the store has of its
 * own, and then these facts. Whoever dies in between, the facts are still there.
 */
export async function onBatchDeleted(
  { batchId, sequence }: Told<"batch.deleted">,
  { stream, store, destination }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const submitted = await lastFact(stream, "batch.submitted", batchId);
  // Of a new batch of this id, which is accepted only when nothing of the old one is left.
  if (submitted && submitted.sequence > sequence) return;
  const place = await batchPlace(batchId, stream, store).catch(() => undefined); // removed before
  const folders = new Set<string>(place ? [place.folder] : []);
  for await (const told of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    for (const path of [told.fact.path, ...told.fact.picturePaths].filter(Boolean)) {
      await destination.remove(path);
      folders.add(posix.dirname(path));
    }
  }
  await removeListings({ batchId, folders }, destination);
  if (submitted) await removeRecords(batchId, scopedStore(store, submitted.fact.tenant));
  await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq: sequence });
}

async function removeRecords(batchId: string, store: Store): Promise<void> {
  for await (const key of store.list(PLANS)) if (key.startsWith(planPrefix(batchId))) await store.remove(key);
}
