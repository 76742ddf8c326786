import type { Chosen } from "@polyreel/contract";

/** A combination's choices in an object of their own, block -> label, in the order of the blocks: no name meets a field. */
export const choicesByBlock = (choices: readonly Pick<Chosen, "block" | "choice">[]): Record<string, string> =>
  Object.fromEntries(choices.map(({ block, choice }) => [block, choice]));
