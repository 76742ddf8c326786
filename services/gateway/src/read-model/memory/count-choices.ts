import type { Chosen } from "@polyreel/contract";
import { type CombinationRecord, type CombinationStep, newStepCounts } from "../batch-record.js";
import { stepOf } from "../combination-state.js";
import type { ChoiceCount } from "../read-model.js";

/** Combinations by choice and step. Those with a choice share its object. */
export function countChoices(combinations: Iterable<CombinationRecord>): ChoiceCount[] {
  const counts = new Map<Chosen, Record<CombinationStep, number>>();
  for (const record of combinations) {
    const step = stepOf(record);
    for (const chosen of record.choices) {
      const inStep = counts.get(chosen) ?? newStepCounts();
      inStep[step]++;
      counts.set(chosen, inStep);
    }
  }
  return [...counts].map(([{ block, choice }, inStep]) => ({ block, choice, inStep }));
}
