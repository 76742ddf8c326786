import type { Chosen } from "@polyreel/contract";

/**
 * A combination's choices as a separate object, block -> label, in the order of the blocks, so that names cannot
 * collide with fields.
 */
export const choicesByBlock = (choices: readonly Pick<Chosen, "block" | "choice">[]): Record<string, string> =>
  Object.fromEntries(choices.map(({ block, choice }) => [block, choice]));
