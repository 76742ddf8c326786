import type { FactMessage } from "@polyreel/platform/stream";
import type { PartKind } from "../batch-record.js";

/** Combinations and parts of a batch that facts are about. */
export interface Subjects {
  readonly combinations: Set<string>;
  readonly parts: Record<PartKind, Set<string>>;
  /** Parts that are only read: for the times they were ready. */
  readonly used: Record<PartKind, Set<string>>;
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
  parts: { voice: new Set(), clip: new Set(), sound: new Set() },
  used: { voice: new Set(), clip: new Set(), sound: new Set() },
});

function add({ combinations, parts, used }: Subjects, told: FactMessage): void {
  switch (told.name) {
    case "voice.requested":
    case "voice.ready":
    case "voice.failed":
      parts.voice.add(told.fact.hash);
      return;
    case "clip.requested":
    case "clip.ready":
    case "clip.failed":
      parts.clip.add(told.fact.hash);
      return;
    case "sound.requested":
    case "sound.ready":
    case "sound.failed":
      parts.sound.add(told.fact.hash);
      return;
    case "combination.planned":
      if (told.fact.combination) combinations.add(told.fact.combination.id);
      return;
    case "combination.rendered":
      if (!told.fact.combination) return;
      combinations.add(told.fact.combination.id);
      for (const { hash } of told.fact.combination.clips) used.clip.add(hash);
      if (told.fact.combination.soundHash) used.sound.add(told.fact.combination.soundHash);
      return;
    case "combination.delivered":
    case "combination.rejected":
    case "combination.failed":
      combinations.add(told.fact.combinationId);
  }
}
