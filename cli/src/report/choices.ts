import type { CombinationStatus } from "@polyreel/contract";

/** A combination's choices as block -> label, in the order of the blocks. */
export const choicesByBlock = ({ choices }: Pick<CombinationStatus, "choices">): Record<string, string> =>
  Object.fromEntries(choices.map(({ block, choice }) => [block, choice]));
