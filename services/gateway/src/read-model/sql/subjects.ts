import { isPartFact, kindOfFact, perKind, type RequestedKind } from "@polyreel/contract";
import { partsIn } from "@polyreel/parts/kinds";
import type { FactMessage } from "@polyreel/platform/stream";

/** Combinations and parts of a batch that facts are about. */
export interface Subjects {
  readonly combinations: Set<string>;
  readonly parts: Record<RequestedKind, Set<string>>;
  /** Parts that are only read: for the times they were ready. */
  readonly used: Record<RequestedKind, Set<string>>;
}

/** By batch. */
export function subjectsOf(facts: readonly FactMessage[]): Map<string, Subjects> {
  const all = new Map<string, Subjects>();
  for (const message of facts) {
    const subjects = all.get(message.batchId) ?? newSubjects();
    all.set(message.batchId, subjects);
    add(subjects, message);
  }
  return all;
}

const newSubjects = (): Subjects => ({
  combinations: new Set(),
  parts: perKind(() => new Set()),
  used: perKind(() => new Set()),
});

function add({ combinations, parts, used }: Subjects, message: FactMessage): void {
  if (isPartFact(message)) {
    parts[kindOfFact(message.name)].add(message.fact.hash);
    return;
  }
  switch (message.name) {
    case "combination.planned":
      if (message.fact.combination) combinations.add(message.fact.combination.id);
      return;
    case "combination.rendered":
      if (!message.fact.combination) return;
      combinations.add(message.fact.combination.id);
      for (const { kind, hash } of partsIn([{ case: "join", combination: message.fact.combination }]))
        used[kind].add(hash);
      return;
    case "combination.delivered":
    case "combination.rejected":
    case "combination.failed":
      combinations.add(message.fact.combinationId);
  }
}
