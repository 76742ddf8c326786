import type { Batch } from "@polyreel/contract";
import { sourcePlaces } from "@polyreel/spec";
import type { BatchFile, SourceUse } from "@polyreel/spec/batch-file";

/** Those of a batch file's sources that a batch derived from it still has. */
export function usedSources({ sources }: BatchFile, batch: Batch): SourceUse[] {
  const used = new Set([...sourcePlaces(batch)].map(({ source }) => source));
  return sources.filter(({ message }) => used.has(message));
}
