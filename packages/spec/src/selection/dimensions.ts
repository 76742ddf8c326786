import type { Batch } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import type { Mistake } from "../mistake.js";
import { quote } from "../quote.js";

/** An independent choice: a block's choice, that of all blocks of a link, or the canvas. */
export interface Dimension {
  /** Indices of its blocks in the batch; empty for the canvas. */
  readonly blocks: readonly number[];
  /** Number of choices. */
  readonly size: number;
}

/**
 * A batch's dimensions, the slowest first: canvases if there are several, then the blocks in order, with a link at the
 * position of its first block.
 */
export function dimensionsOf({ blocks, canvases }: Batch): Dimension[] {
  const dimensions: { blocks: number[]; size: number }[] = [];
  if (canvases.length > 0) dimensions.push({ blocks: [], size: canvases.length });
  const linked = new Map<string, number[]>();
  for (const [index, block] of blocks.entries()) {
    const together = linked.get(block.link);
    if (together) {
      together.push(index);
      continue;
    }
    const dimension = { blocks: [index], size: choicesOf(block).length };
    if (block.link) linked.set(block.link, dimension.blocks);
    dimensions.push(dimension);
  }
  return dimensions;
}

/** Links whose blocks have different numbers of choices, so that they cannot be paired. */
export function linkMistakes(batch: Batch): Mistake[] {
  const { blocks } = batch;
  const count = (index: number) => blocks[index]?.kind.value?.choices.length ?? 0;
  return dimensionsOf(batch).flatMap(({ blocks: together, size }) => {
    const odd = together.find((index) => count(index) !== size);
    if (odd === undefined) return [];
    const named = together.flatMap((index) => {
      const block = blocks[index];
      return block ? [`${quote(block.name)} has ${count(index)}`] : [];
    });
    return [
      {
        block: blocks[odd]?.name ?? "",
        field: `blocks[${odd}].link`,
        reason: `Blocks linked by ${quote(blocks[odd]?.link ?? "")} have unequal numbers of choices: ${named.join(", ")}.`,
        remedy: "Linked blocks move together, choice by choice: give each as many as the others, or take the link off.",
      },
    ];
  });
}
