import { CombinationState, type Failure } from "@polyreel/contract";
import type { FinishedBatch } from "../client/finished-batch.js";

/** Combinations that failed for one reason. */
export interface FailureGroup {
  failure: Failure;
  combinations: number;
}

/** Why combinations failed, the most frequent reason first: as many groups as there are reasons, whatever the batch. */
export async function groupFailures(batch: FinishedBatch): Promise<FailureGroup[]> {
  const groups = new Map<string, FailureGroup>();
  for await (const { failure } of batch.combinations(CombinationState.FAILED)) {
    if (!failure) continue;
    const key = JSON.stringify([failure.block, failure.choice, failure.reason]);
    const group = groups.get(key) ?? { failure, combinations: 0 };
    group.combinations++;
    groups.set(key, group);
  }
  return [...groups.values()].sort((one, other) => other.combinations - one.combinations);
}
