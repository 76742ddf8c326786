import { CombinationState, type CombinationStatus, type Failure, type Warning } from "@polyreel/contract";
import type { FinishedBatch } from "../client/finished-batch.js";

/** Combinations of which something failed for one reason. */
export interface FailureGroup {
  failure: Failure;
  combinations: number;
}

/** Why combinations failed, the most frequent reason first: as many groups as there are reasons, whatever the batch. */
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

/** Those of its outputs, each reason once. */
function failuresOf({ failure, outputs }: CombinationStatus): Map<string, Failure> {
  const failures = outputs.flatMap((output) => output.failure ?? []);
  const all = failures.length > 0 ? failures : failure ? [failure] : [];
  return new Map(all.map((one) => [JSON.stringify([one.block, one.choice, one.reason, one.code]), one]));
}

/** Videos that one warning is about. */
export interface WarningGroup {
  warning: Warning;
  combinations: number;
}

/** Batches with more videos are looked through in their manifest. */
const MAX_LOOKED_THROUGH = 10_000n;

/** What videos use otherwise than it was given, the most frequent first; nothing of larger batches. */
export async function groupWarnings(batch: FinishedBatch): Promise<WarningGroup[]> {
  const groups = new Map<string, WarningGroup>();
  if ((batch.status.combinations?.delivered ?? 0n) > MAX_LOOKED_THROUGH) return [];
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
