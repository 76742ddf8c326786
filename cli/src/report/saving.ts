import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { BatchStatus } from "@polyreel/contract";

/** Duration of a batch in seconds, from its submission to its end (or to now). */
export function batchSeconds({ submittedAt, finishedAt }: BatchStatus): number {
  if (!submittedAt) return 0;
  const end = finishedAt ? timestampMs(finishedAt) : Date.now();
  return Math.max(0, end - timestampMs(submittedAt)) / 1000;
}

/**
 * How many times more video would be encoded if each combination were rendered by itself; undefined if nothing is
 * encoded.
 */
export function saving({ clipSeconds, combinationSeconds }: BatchStatus): number | undefined {
  return clipSeconds > 0 ? combinationSeconds / clipSeconds : undefined;
}
