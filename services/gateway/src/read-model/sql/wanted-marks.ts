import { CombinationState } from "@polyreel/contract";
import type { CombinationsQuery } from "../read-model.js";
import { STATES } from "../status.js";
import { wantedCauses } from "./cause-marks.js";
import type { ChoiceNumbers } from "./choice-numbers.js";
import { wantedFailures } from "./failure-marks.js";
import { markOfStep, steps } from "./steps.js";

/** What a query asks of combinations besides their order, as marks. */
export interface WantedMarks {
  /** The choices of each block. */
  readonly blocks: readonly (readonly number[])[];
  readonly causes: readonly number[];
  /** None, or the one of the state. */
  readonly states: readonly (readonly number[])[];
  /** All of these, and those of failures: a combination must have a mark of each set. */
  readonly sets: readonly (readonly number[])[];
}

/** Undefined if no combination can match. */
export function wantedMarks(query: CombinationsQuery, numbers: ChoiceNumbers): WantedMarks | undefined {
  const blocks = numbersByBlock(query.choices, numbers);
  const causes = wantedCauses(query, numbers);
  if (blocks.some((choices) => choices.length === 0) || (causes.length === 0 && query.causes?.length)) return undefined;
  const states = steps.filter((step) => isIn(query.state, STATES[step])).map((step) => [markOfStep(step)]);
  const failures = [wantedFailures(query), causes].filter(({ length }) => length > 0);
  return { blocks, causes, states, sets: [...blocks, ...failures, ...states] };
}

const isIn = (wanted: CombinationState, state: CombinationState): boolean =>
  wanted !== CombinationState.UNSPECIFIED && wanted === state;

/** The known choices among the requested ones, by block. */
function numbersByBlock(choices: CombinationsQuery["choices"], numbers: ChoiceNumbers): number[][] {
  const blocks = new Map<string, number[]>();
  for (const chosen of choices) {
    const number = numbers.find(chosen);
    blocks.set(chosen.block, [...(blocks.get(chosen.block) ?? []), ...(number === undefined ? [] : [number])]);
  }
  return [...blocks.values()];
}

/** Every combination has exactly one of these. */
export const anyState: readonly number[] = steps.map(markOfStep);
