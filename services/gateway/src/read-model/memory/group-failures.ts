import { create } from "@bufbuild/protobuf";
import { FailureSchema } from "@polyreel/contract";
import type { CombinationRecord } from "../batch-record.js";
import { failureCauses } from "../failure-cause.js";
import { type KnownFailureGroup, type KnownFailures, MAX_FAILURE_GROUPS } from "../read-model.js";

/** Groups the failures of combinations, given by ordinal. */
export function groupFailures(combinations: Iterable<CombinationRecord>): KnownFailures {
  const groups = new Map<string, KnownFailureGroup>();
  for (const record of combinations) {
    for (const { cause, failure = create(FailureSchema) } of failureCauses(record)) {
      const key = JSON.stringify([cause.block, cause.choice, cause.code, cause.stage]);
      const first = { cause, combinations: 0, combinationId: record.id, ordinal: record.ordinal, failure };
      const { combinations: count, ...group } = groups.get(key) ?? first;
      groups.set(key, { ...group, combinations: count + 1 });
    }
  }
  const all = [...groups.values()].sort((a, b) => b.combinations - a.combinations || a.ordinal - b.ordinal);
  return { groups: all.slice(0, MAX_FAILURE_GROUPS), omitted: Math.max(0, all.length - MAX_FAILURE_GROUPS) };
}
