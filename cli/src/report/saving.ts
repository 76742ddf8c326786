import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { BatchStatus } from "@polyreel/contract";

/** Duration of a batch's newest run in seconds, from its request to its end (or to now). */
export function runSeconds({ submittedAt, runBeganAt = submittedAt, finishedAt }: BatchStatus): number {
  if (!runBeganAt) return 0;
  const end = finishedAt ? timestampMs(finishedAt) : Date.now();
  return Math.max(0, end - timestampMs(runBeganAt)) / 1000;
}

/**
 * How many times more video would be encoded if each combination were rendered by itself; undefined if nothing is
 * encoded.
 */
export function saving({ clipSeconds, combinationSeconds }: BatchStatus): number | undefined {
  return clipSeconds > 0 ? combinationSeconds / clipSeconds : undefined;
}
