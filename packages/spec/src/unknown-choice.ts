import type { Batch, Chosen } from "@polyreel/contract";
import { choicesOf } from "./choices.js";
import type { Mistake } from "./mistake.js";
import { nearest } from "./nearest.js";
import { quote, quoteAll } from "./quote.js";

/**
 * The first of `choices` that names a block or choice which a normalised batch does not have; undefined if it has all.
 * `field` is that of the list.
 */
export function unknownChoice(
  { blocks, canvases }: Pick<Batch, "blocks" | "canvases">,
  choices: readonly Pick<Chosen, "block" | "choice">[],
  field: string,
): Mistake | undefined {
  const labels = new Map(blocks.map((block) => [block.name, choicesOf(block).map(({ label }) => label)]));
  if (canvases.length > 0)
    labels.set(
      "canvas",
      canvases.map(({ label }) => label),
    );
  for (const [i, { block, choice }] of choices.entries()) {
    const known = labels.get(block);
    if (!known) {
      const reason = `The batch has no block ${quote(block)}.`;
      return { field: `${field}[${i}].block`, reason, remedy: remedyFor(block, [...labels.keys()]) };
    }
    if (!known.includes(choice)) {
      const reason = `Block ${quote(block)} has no choice ${quote(choice)}.`;
      return { field: `${field}[${i}].choice`, block, choice, reason, remedy: remedyFor(choice, known) };
    }
  }
  return undefined;
}

function remedyFor(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `${near ? `Did you mean ${quote(near)}? ` : ""}It has ${quoteAll(known)}.`;
}
