import { batchSubjects, STREAM } from "@polyreel/contract";
import { type Platform, startStage } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { type EventStream, type FactMessage, lastFact } from "@polyreel/platform/stream";

/** Removes the facts of deleted batches. Gateways do it, so that no other service may remove any. */
export const startPurges = (platform: Platform): Running =>
  startStage(
    {
      name: "gateway-purges",
      fact: "batch.deleted",
      over: "all-batches",
      slots: 1,
      untilDone: true,
      handle: (message) => onBatchDeleted(message, platform.stream),
      giveUp: async () => {},
    },
    platform,
  );

/** Removes a deleted batch's facts up to its deletion: later ones belong to another batch with its id. */
async function onBatchDeleted(
  { batchId, sequence, generation }: FactMessage<"batch.deleted">,
  stream: EventStream,
): Promise<void> {
  const submitted = (await lastFact(stream, "batch.submitted", batchId))?.sequence ?? 0;
  // Published by a process that was paused until the request was repeated: must not delete the new batch.
  if (generation > 0 && submitted > generation && submitted < sequence) return;
  await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq: sequence });
}
