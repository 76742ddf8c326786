import { type Batch, SourceSchema } from "@polyreel/contract";
import type { BatchFile, SourceUse } from "@polyreel/spec/batch-file";

/** Those of a batch file's sources that a batch derived from it still has. */
export function usedSources({ sources }: BatchFile, batch: Batch): SourceUse[] {
  const used = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("$typeName" in value && value.$typeName === SourceSchema.typeName) used.add(value);
    else for (const one of Object.values(value)) visit(one);
  };
  visit(batch);
  return sources.filter(({ message }) => used.has(message));
}
