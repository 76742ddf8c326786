import type { FailureCode } from "@polyreel/contract";
import type { CombinationRecord } from "../batch-record.js";
import { causeStages, type FailureCause, failureCauses } from "../failure-cause.js";
import type { CombinationsQuery } from "../read-model.js";
import type { ChoiceNumbers } from "./choice-numbers.js";

/** Below the marks of failed deliveries. */
export const FIRST_CAUSE = -10_000;
/** Numbers of codes and stages that fit into a mark. */
const CODES = 64;
const STAGES = 4;

/**
 * The mark of a cause, in the number space of choices. `choice`: the number of the choice at fault; undefined: none is.
 * Stored, so it must not change.
 */
const markOfCause = ({ code, stage }: FailureCause, choice: number | undefined): number => {
  const at = causeStages.indexOf(stage);
  return FIRST_CAUSE - ((((choice ?? -1) + 1) * CODES + code) * STAGES + at);
};

/** The cause of a mark. */
export function causeOfMark(mark: number, numbers: ChoiceNumbers): FailureCause | undefined {
  const rest = FIRST_CAUSE - mark;
  const stage = causeStages[rest % STAGES];
  const code = (Math.floor(rest / STAGES) % CODES) as FailureCode;
  const number = Math.floor(rest / STAGES / CODES) - 1;
  if (stage === undefined) return undefined;
  if (number < 0) return { block: "", choice: "", code, stage };
  if (!numbers.has(number)) return undefined; // Facts have added it meanwhile.
  const { block, choice } = numbers.chosen(number);
  return { block, choice, code, stage };
}

/** Those of a failed combination. `choices`: the numbers of its choices, in their order. */
export const causeMarks = (record: CombinationRecord, choices: readonly (number | undefined)[]): number[] =>
  failureCauses(record).map(({ cause }) => {
    const at = record.choices.findIndex(({ block, choice }) => block === cause.block && choice === cause.choice);
    return markOfCause(cause, choices[at]);
  });

/** Marks of which a combination must have one; empty if none is wanted, or no combination has one. */
export const wantedCauses = ({ causes = [] }: CombinationsQuery, numbers: ChoiceNumbers): number[] =>
  causes.flatMap((cause) => {
    const number = numbers.find(cause);
    const isOfNone = cause.block === "" && cause.choice === "";
    return number === undefined && !isOfNone ? [] : [markOfCause(cause, number)];
  });
