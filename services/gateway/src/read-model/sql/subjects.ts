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
  for (const message of facts) {
    const subjects = all.get(message.batchId) ?? newSubjects();
    all.set(message.batchId, subjects);
    add(subjects, message);
  }
  return all;
}

const newSubjects = (): Subjects => ({
  combinations: new Set(),
  parts: { voice: new Set(), clip: new Set(), sound: new Set() },
  used: { voice: new Set(), clip: new Set(), sound: new Set() },
});

function add({ combinations, parts, used }: Subjects, message: FactMessage): void {
  switch (message.name) {
    case "voice.requested":
    case "voice.ready":
    case "voice.failed":
      parts.voice.add(message.fact.hash);
      return;
    case "clip.requested":
    case "clip.ready":
    case "clip.failed":
      parts.clip.add(message.fact.hash);
      return;
    case "sound.requested":
    case "sound.ready":
    case "sound.failed":
      parts.sound.add(message.fact.hash);
      return;
    case "combination.planned":
      if (message.fact.combination) combinations.add(message.fact.combination.id);
      return;
    case "combination.rendered":
      if (!message.fact.combination) return;
      combinations.add(message.fact.combination.id);
      for (const { hash } of message.fact.combination.clips) used.clip.add(hash);
      if (message.fact.combination.soundHash) used.sound.add(message.fact.combination.soundHash);
      return;
    case "combination.delivered":
    case "combination.rejected":
    case "combination.failed":
      combinations.add(message.fact.combinationId);
  }
}
