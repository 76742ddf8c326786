import { CombinationState, type CombinationStatus } from "@polyreel/contract";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

/** Outputs that wait for approval are laid out already, and served exactly as they would be written. */
const FETCHABLE: ReadonlySet<CombinationState> = new Set([
  CombinationState.DELIVERED,
  CombinationState.AWAITING_APPROVAL,
]);

/** States of the wanted outputs: of combinations named by their ids, all states in which outputs are served. */
export const statesToFetch = (
  state: CombinationState,
  combinationIds: readonly string[],
): ReadonlySet<CombinationState> => (combinationIds.length > 0 ? FETCHABLE : new Set([state]));

/** Names of the outputs that are in one of these states in any destination; the bytes are the same in all of them. */
export const fetchableOutputs = (states: ReadonlySet<CombinationState>, { outputs }: CombinationStatus): string[] => [
  ...new Set(outputs.flatMap(({ name, state }) => (states.has(state) ? name : []))),
];

export const notFetchable = (ids: readonly string[]): ProblemsError =>
  new ProblemsError(
    ids.map((id) => ({
      what: `Combination ${id} is neither delivered nor waiting for approval.`,
      remedy: "`polyreel list` shows them and their state.",
    })),
    exitCodes.usage,
  );

/** For flags that do not go with ids of combinations. */
export const wholeBatch = (flags: string): ProblemsError =>
  new ProblemsError(
    [{ what: `${flags} can't be given with ids of combinations.`, remedy: "Choose by --choice and --output instead." }],
    exitCodes.usage,
  );
