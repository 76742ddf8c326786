import { posix } from "node:path";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { toPolyreelError } from "@polyreel/platform";
import { keptPathsKey, outputBytesPrefix, planPrefix, type Store, scopedStore } from "@polyreel/platform/blobs";
import { readKeptPaths } from "@polyreel/platform/files";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream, Publisher } from "@polyreel/platform/stream";
import { type FactMessage, factsSoFar, lastFact } from "@polyreel/platform/stream";
import type { Destination } from "./destinations/destination.js";
import { unreceipted } from "./destinations/folder/unreceipted.js";
import { Fence } from "./fence.js";
import { type BatchPlace, batchPlace } from "./manifest/batch-place.js";
import { MANIFESTS } from "./manifest/names.js";
import { removeListings } from "./manifest/remove-listings.js";

interface Deps {
  readonly stream: EventStream;
  readonly store: Store;
  readonly destination: Destination;
  readonly publisher: Publisher;
  readonly log: Log;
}

/** Limit of kept files named in the log. */
const MAX_NAMED = 100;

/**
 * Removes a batch's outputs, by their facts and by their receipts (an uploader may die between a delivery and its
 * fact), if they are unchanged since delivery and not other batches', too; then its specification and other files in
 * the store; and publishes that it is deleted. If it is interrupted, the facts and everything else needed to repeat it
 * still exist.
 */
export async function onBatchDeleting(
  { batchId, sequence, generation, fact: { tenant } }: FactMessage<"batch.deleting">,
  { stream, store, destination, publisher, log }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const deleted = await lastFact(stream, "batch.deleted", batchId);
  if (deleted && deleted.sequence > sequence) return;
  const submitted = (await lastFact(stream, "batch.submitted", batchId))?.sequence ?? 0;
  // Published by a process that was paused until the batch was deleted and its request repeated.
  if (generation > 0 && submitted > generation) return;
  const fence = new Fence(stream, { batchId, generation }, { whileDeleting: true });
  const own = scopedStore(store, tenant);
  const kept = await readKeptPaths(own, batchId);
  const place = await placeOf(batchId, stream, store);
  const owner = place?.owner ?? { tenant, name: "" };
  const folders = new Set<string>(place?.folders.map(({ path }) => path));
  for (const folder of folders) await destination.recogniseFormer(folder, owner);
  const delivered = new Set<string>();
  const changed: string[] = [];
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    if (!fact.path) continue; // Virtual.
    const folder = fact.folder || posix.dirname(fact.path);
    // Earlier releases had tenants' folders in other places.
    if (!folders.has(folder)) await destination.recogniseFormer(folder, owner);
    folders.add(folder);
    delivered.add(folder);
    if (kept.has(fact.path)) continue;
    // Pictures first: without receipts they are recognised by the video beside them.
    for (const path of [...fact.picturePaths, fact.path]) {
      await fence.pass();
      const removal = await destination.remove(path, batchId, unreceipted(fact));
      if (removal === "changed" && changed.length < MAX_NAMED) changed.push(path);
    }
  }
  if (changed.length > 0) log.warn({ batch: batchId, files: changed }, "kept files that were changed since delivery");
  await fence.pass();
  // The first delivery creates the output folder: without any delivery, a missing folder is not an outage. Nor is a
  // configured destination that is away, and that the batch never reached.
  const reached: string[] = [];
  for (const folder of folders) if (delivered.has(folder) || (await destination.exists(folder))) reached.push(folder);
  for (const { path: folder } of place?.folders ?? []) {
    if (!reached.includes(folder)) continue;
    const of = { folder, owner, batchId };
    await destination.removeAllOf(of, new Set([...kept, ...listsIn(folder)]));
  }
  await removeListings({ batchId, folders: reached }, destination);
  for (const prefix of [planPrefix(batchId), outputBytesPrefix(batchId)]) {
    for await (const keys of inBatches(own.list(prefix, { signal }))) {
      await fence.pass();
      await own.remove(
        keys.filter((key) => key !== keptPathsKey(batchId)),
        { signal },
      );
    }
  }
  await own.remove([keptPathsKey(batchId)]);
  const last = deleted?.sequence ?? 0;
  const gone = { batchId, tenant, time: timestampNow() };
  await publisher.publishAfter("batch.deleted", gone, { last, id: String(sequence), generation });
}

const REMOVED_AT_ONCE = 100;

async function* inBatches(listed: AsyncIterable<{ readonly key: string }>): AsyncGenerator<string[]> {
  let keys: string[] = [];
  for await (const { key } of listed) {
    if (keys.push(key) < REMOVED_AT_ONCE) continue;
    yield keys;
    keys = [];
  }
  if (keys.length > 0) yield keys;
}

/** Manifests are removed last, and may be another batch's. */
const listsIn = (folder: string): string[] => MANIFESTS.map((name) => posix.join(folder, name));

/** Undefined if the submission or the specification was removed before. */
async function placeOf(batchId: string, stream: EventStream, store: Store): Promise<BatchPlace | undefined> {
  try {
    return await batchPlace(batchId, stream, store);
  } catch (error) {
    const { code } = toPolyreelError(error);
    if (code === "not_found" || code === "invalid") return undefined;
    throw error;
  }
}
