import type { Failure } from "@polyreel/contract";

/** What is unknown for one reason, and where. */
export interface Unknown {
  reason: string;
  remedy: string;
  places: { block: string; choice: string }[];
}

/** Unknowns by their reasons, in order of first mention: a hundred unspoken lines are one thing to read. */
export function groupUnknowns(failures: readonly Failure[]): Unknown[] {
  const groups = new Map<string, Unknown>();
  for (const { block, choice, reason, remedy } of failures) {
    const group = groups.get(reason) ?? { reason, remedy, places: [] };
    group.places.push({ block, choice });
    groups.set(reason, group);
  }
  return [...groups.values()];
}
