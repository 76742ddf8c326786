import { CombinationState, type CombinationStatus, type Failure, type Warning } from "@polyreel/contract";
import type { FinishedBatch } from "../client/finished-batch.js";

/** Combinations that failed for the same reason; of an output, all at the same setting. */
export interface FailureGroup {
  failure: Failure;
  combinations: number;
}

/** Groups failures by reason, most frequent first. Memory grows with the number of reasons, not combinations. */
export async function groupFailures(batch: FinishedBatch): Promise<FailureGroup[]> {
  const groups = new Map<string, FailureGroup>();
  for await (const one of batch.combinations(CombinationState.FAILED)) {
    for (const [key, failure] of failuresOf(one)) {
      const group = groups.get(key) ?? { failure, combinations: 0 };
      group.combinations++;
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort((one, other) => other.combinations - one.combinations);
}

/** The distinct failures of a combination and its outputs. */
function failuresOf({ failure, outputs }: CombinationStatus): Map<string, Failure> {
  const failures = outputs.flatMap((output) => output.failure ?? []);
  const all = failures.length > 0 ? failures : failure ? [failure] : [];
  return new Map(all.map((one) => [keyOf(one), one]));
}

const keyOf = ({ block, choice, field, reason, code }: Failure): string =>
  JSON.stringify([block, choice, field.startsWith("outputs[") && field, reason, code]);

/** Videos with the same warning. */
export interface WarningGroup {
  warning: Warning;
  combinations: number;
}

/** Larger batches list their warnings in the manifest only. */
const MAX_VIDEOS = 10_000n;

/** Groups warnings about replaced inputs or settings, most frequent first; none for larger batches. */
export async function groupWarnings(batch: FinishedBatch): Promise<WarningGroup[]> {
  const groups = new Map<string, WarningGroup>();
  if ((batch.status.combinations?.delivered ?? 0n) > MAX_VIDEOS) return [];
  for await (const { certificate } of batch.combinations(CombinationState.DELIVERED)) {
    for (const warning of certificate?.warnings ?? []) {
      const key = JSON.stringify([warning.block, warning.choice, warning.reason]);
      const group = groups.get(key) ?? { warning, combinations: 0 };
      group.combinations++;
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort((one, other) => other.combinations - one.combinations);
}
