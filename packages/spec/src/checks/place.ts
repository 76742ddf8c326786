import type { Batch } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import { INPUT_BLOCK } from "../inputs.js";
import { labelOf } from "../labels.js";

/**
 * Names of the block and the choice that contain a path such as "blocks[1].text.choices[0].text" or "inputs[2].source";
 * empty if there are none.
 */
export function placeOf(path: string, batch: Batch | undefined): { block: string; choice: string } {
  const [, inputIndex] = /^inputs\[(\d+)\]/.exec(path) ?? [];
  const input = inputIndex === undefined ? undefined : batch?.inputs[Number(inputIndex)];
  if (input) return { block: INPUT_BLOCK, choice: labelOf(input, Number(inputIndex)) };
  const [, blockIndex] = /^blocks\[(\d+)\]/.exec(path) ?? [];
  const block = blockIndex === undefined ? undefined : batch?.blocks[Number(blockIndex)];
  if (!block) return { block: "", choice: "" };
  const [, choiceIndex] = /^blocks\[\d+\]\.\w+\.choices\[(\d+)\]/.exec(path) ?? [];
  const choice = choiceIndex === undefined ? undefined : choicesOf(block)[Number(choiceIndex)];
  return { block: block.name, choice: choice ? labelOf(choice, Number(choiceIndex)) : "" };
}

/** Orders two paths of a batch by position: the batch's own fields first, then block by block. */
export function comparePlaces(a: string, b: string): number {
  return rank(a) - rank(b);
}

const AFTER_BLOCKS = 1e6;

function rank(path: string): number {
  const [, block] = /^blocks\[(\d+)\]/.exec(path) ?? [];
  if (block !== undefined) return 1 + Number(block);
  if (path.startsWith("inputs[")) return 1;
  return /^(where|sample|continues|outputs|naming|columns|notify)/.test(path) ? AFTER_BLOCKS : 0;
}
