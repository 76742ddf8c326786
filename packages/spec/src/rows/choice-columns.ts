import type { Column } from "./lines.js";

/** A row with a choice for each block. */
interface Chosen {
  readonly choices: Readonly<Record<string, string>>;
}

/** Columns of blocks, named `choice.<block>`. Block names have no dots, so these names are unique. */
const choiceColumns = (blocks: readonly string[]): Column<Chosen>[] =>
  blocks.map((block) => ({ name: `choice.${block}`, cell: choiceOf(block) }));

/**
 * Columns of blocks by their bare names. A block named like another column of the table, such as `path`, becomes
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

/** Empty if a row lacks the block; safe for names such as `constructor`. */
export const choiceOf =
  (block: string): Column<Chosen>["cell"] =>
  ({ choices }) =>
    Object.hasOwn(choices, block) ? choices[block] : undefined;
