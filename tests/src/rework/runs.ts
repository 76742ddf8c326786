import { create } from "@bufbuild/protobuf";
import { type CombinationStatus, type Resumption, ResumptionSchema, type WatchBatchResponse } from "@polyreel/contract";
import { combinationsOf, type Ended } from "../testing/batches.js";
import type { Pipeline } from "../testing/pipeline.js";

/** The response of a call; all zeros if it resumed nothing. */
export const resumed = async (call: Promise<{ resumption?: Resumption | undefined }>): Promise<Resumption> =>
  (await call).resumption ?? create(ResumptionSchema);

/** Waits until a resumed run has ended, and returns its events. */
export async function endOfRun(
  pipeline: Pick<Pipeline, "batches">,
  batchId: string,
  { sequence }: Pick<Resumption, "sequence">,
  { withinSeconds = 60 } = {},
): Promise<Ended> {
  const updates: WatchBatchResponse[] = [];
  const request = { batchId, afterSequence: sequence - 1n };
  for await (const one of pipeline.batches.watchBatch(request, { timeoutMs: withinSeconds * 1000 })) updates.push(one);
  const { batch: status } = await pipeline.batches.getBatch({ batchId });
  if (!status) throw new Error("No status.");
  return { batchId, status, combinations: await combinationsOf(pipeline, batchId), updates };
}

type Case = NonNullable<WatchBatchResponse["update"]["case"]>;

/** Number of events by kind. */
export function countsOf(updates: readonly WatchBatchResponse[]): Partial<Record<Case, number>> {
  const counts: Partial<Record<Case, number>> = {};
  for (const { update } of updates) {
    if (update.case && update.case !== "progress") counts[update.case] = (counts[update.case] ?? 0) + 1;
  }
  return counts;
}

/** The ids of combinations, by their choices. */
export const idsOf = (combinations: readonly CombinationStatus[], block: string, choice: string): string[] =>
  combinations
    .filter(({ choices }) => choices.some((one) => one.block === block && one.choice === choice))
    .map(({ id }) => id);
