import { isPartFact, kindOfFact, perKind, type RequestedKind } from "@polyreel/contract";
import { partsIn } from "@polyreel/parts/kinds";
import type { FactMessage } from "@polyreel/platform/stream";

/** Which combinations and parts of a batch facts are about. */
export interface Subjects {
  readonly combinations: Set<string>;
  readonly parts: Record<RequestedKind, Set<string>>;
  /** Parts that are only looked at: when they were there. */
  readonly used: Record<RequestedKind, Set<string>>;
}

/** By batch. */
export function subjectsOf(facts: readonly FactMessage[]): Map<string, Subjects> {
  const all = new Map<string, Subjects>();
  for (const told of facts) {
    const subjects = all.get(told.batchId) ?? newSubjects();
    all.set(told.batchId, subjects);
    add(subjects, told);
  }
  return all;
}

const newSubjects = (): Subjects => ({
  combinations: new Set(),
  parts: perKind(() => new Set()),
  used: perKind(() => new Set()),
});

function add({ combinations, parts, used }: Subjects, told: FactMessage): void {
  if (isPartFact(told)) {
    parts[kindOfFact(told.name)].add(told.fact.hash);
    return;
  }
  switch (told.name) {
    case "combination.planned":
      if (told.fact.combination) combinations.add(told.fact.combination.id);
      return;
    case "combination.rendered":
      if (!told.fact.combination) return;
      combinations.add(told.fact.combination.id);
      for (const { kind, hash } of partsIn([{ case: "join", combination: told.fact.combination }]))
        used[kind].add(hash);
      return;
    case "combination.delivered":
    case "combination.rejected":
    case "combination.failed":
      combinations.add(told.fact.combinationId);
  }
}
