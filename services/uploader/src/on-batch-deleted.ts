import { batchSubjects, STREAM } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";
import { type FactMessage, lastFact } from "@polyreel/platform/stream";

/** Removes a deleted batch's facts up to its deletion: later ones belong to another batch with its id. */
export async function onBatchDeleted(
  { batchId, sequence, generation }: FactMessage<"batch.deleted">,
  stream: EventStream,
): Promise<void> {
  const submitted = (await lastFact(stream, "batch.submitted", batchId))?.sequence ?? 0;
  // Published by a process that was paused until the request was repeated: must not delete the new batch.
  if (generation > 0 && submitted > generation && submitted < sequence) return;
  await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq: sequence });
}
