import { create } from "@bufbuild/protobuf";
import { type Batch, BlockSchema } from "@polyreel/contract";

/** Name of the block that a batch's inputs become. */
export const INPUT_BLOCK = "input";

/** Whether a normalised batch processes inputs as they are, instead of combining blocks. */
export const hasInputs = ({ blocks }: Pick<Batch, "blocks">): boolean => blocks[0]?.kind.case === "input";

/**
 * Turns a batch's inputs into its only block, so that labels, metadata, rules, samples and names work as for choices.
 * If the batch has blocks too, both are kept for the checks to refuse.
 */
export function inputsAsBlock(batch: Batch): void {
  if (batch.inputs.length === 0 || batch.blocks.length > 0) return;
  batch.blocks = [
    create(BlockSchema, { name: INPUT_BLOCK, kind: { case: "input", value: { choices: batch.inputs } } }),
  ];
  batch.inputs = [];
}
