import { posix } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { type BatchFinished, DroppedFilesSchema } from "@polyreel/contract";
import { droppedKey, type Store, scopedStore } from "@polyreel/platform/blobs";
import type { EventStream } from "@polyreel/platform/stream";
import { lastFact } from "@polyreel/platform/stream";
import type { Destination } from "../destinations/destination.js";
import { type BatchPlace, folderNamed } from "./batch-place.js";

/** Longer lists are not read by users. */
const MAX_PATHS = 1000;

interface Deps {
  readonly stream: EventStream;
  readonly store: Store;
  readonly destination: Destination;
}

/**
 * Lists, for GetBatch, files in a finished batch's folders that earlier batches with its name left and it does not
 * have, and removes them if it prunes. Only if the batch is delivered completely: a failed or rejected output could be
 * the replacement of such a file. Batches without a name are unrelated.
 */
export async function noteDropped(
  batchId: string,
  place: BatchPlace,
  { delivered, failed, rejected }: Pick<BatchFinished, "delivered" | "failed" | "rejected">,
  { stream, store, destination }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const tenantStore = scopedStore(store, place.owner.tenant);
  const batchIds = new Set(place.batches.map((one) => one.batchId));
  const run = (await lastFact(stream, "batch.resumed", batchId))?.fact.rework;
  const cancelled = (await lastFact(stream, "batch.cancelled", batchId)) !== undefined;
  const folders = place.folders.filter(({ virtual }) => !virtual || run?.written);
  const [first] = folders;
  // A run into another folder does not change the batch's own.
  const searched = run?.folder && first ? [{ ...first, path: folderNamed(place.owner.tenant, run.folder) }] : folders;
  const isKnown = place.owner.name !== "" && delivered > 0n && failed === 0n && rejected === 0n && !cancelled;
  const note = create(DroppedFilesSchema);
  const owners = place.owner.name === place.listOwner.name ? [place.owner] : [place.owner, place.listOwner];
  for (const { path: folder, prune: isPruned } of isKnown ? searched : []) {
    const prune = run?.prune || (isPruned && place.folders.some(({ path }) => path === folder));
    note.removed ||= prune;
    for (const owner of owners) {
      for await (const { path, receipt } of destination.dropped(folder, owner, batchIds)) {
        signal.throwIfAborted();
        if (prune && (await destination.remove(path, receipt.batchId)) !== "removed") continue;
        note.count++;
        if (note.paths.length < MAX_PATHS) note.paths.push(posix.normalize(path));
      }
    }
    if (prune) await destination.removeEmptySubfolders(folder, batchId);
  }
  // Pruning that is repeated after a crash finds no files, and records none.
  if (isKnown) await tenantStore.put(droppedKey(batchId), toBinary(DroppedFilesSchema, note));
  else await tenantStore.remove([droppedKey(batchId)]);
}
