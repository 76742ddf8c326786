import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { BatchStatus } from "@polyreel/contract";

/** How long a batch took, in seconds, from its submission to its end (or to now). */
export function batchSeconds({ submittedAt, finishedAt }: BatchStatus): number {
  if (!submittedAt) return 0;
  const end = finishedAt ? timestampMs(finishedAt) : Date.now();
  return Math.max(0, end - timestampMs(submittedAt)) / 1000;
}

/** How many times less picture is encoded than when each combination is rendered by itself; undefined where none is. */
export function saving({ clipSeconds, combinationSeconds }: BatchStatus): number | undefined {
  return clipSeconds > 0 ? combinationSeconds / clipSeconds : undefined;
}
