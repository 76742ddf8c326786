import type { Column } from "./lines.js";

/** A row with a choice of each block. */
interface Chosen {
  readonly choices: Readonly<Record<string, string>>;
}

/**
 * Columns of blocks, each `choice.<block>`. No block has a dot in its name: whatever blocks are called, their columns have names
 * that no other column has.
 */
export const choiceColumns = (blocks: readonly string[]): Column<Chosen>[] =>
  blocks.map((block) => ({ name: `choice.${block}`, cell: choiceOf(block) }));

/**
 * Columns of blocks by their bare names. A block that is called like another column of the table, such as `path`, has the column
 * `choice.path`.
 */
export const bareChoiceColumns = (
  blocks: readonly string[],
  others: readonly { readonly name: string }[],
): Column<Chosen>[] => {
  const taken = new Set(others.map(({ name }) => name));
  return blocks.flatMap((block) =>
    taken.has(block) ? choiceColumns([block]) : [{ name: block, cell: choiceOf(block) }],
  );
};

/** Empty where a row lacks the block, also one called `constructor`. */
const choiceOf =
  (block: string): Column<Chosen>["cell"] =>
  ({ choices }) =>
    Object.hasOwn(choices, block) ? choices[block] : undefined;
