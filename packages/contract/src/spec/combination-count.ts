import type { Batch } from "../gen/polyreel/v1/batch_pb.js";
import { choicesOf } from "./choices.js";

/** How many combinations a batch has: the product of its blocks' numbers of choices. Exact, whatever the size. */
export const combinationCount = (batch: Batch): bigint =>
  batch.blocks.reduce((count, block) => count * BigInt(choicesOf(block).length), 1n);
