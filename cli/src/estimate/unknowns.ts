import type { Failure } from "@polyreel/contract";

/** A reason why figures are unknown, and the places it applies to. */
export interface Unknown {
  reason: string;
  remedy: string;
  places: { block: string; choice: string }[];
}

/** Groups unknowns by reason, in order of first occurrence, so that a hundred lines without a voice read as one. */
export function groupUnknowns(failures: readonly Failure[]): Unknown[] {
  const groups = new Map<string, Unknown>();
  for (const { block, choice, reason, remedy } of failures) {
    const group = groups.get(reason) ?? { reason, remedy, places: [] };
    group.places.push({ block, choice });
    groups.set(reason, group);
  }
  return [...groups.values()];
}
