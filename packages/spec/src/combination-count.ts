import type { Batch } from "@polyreel/contract";
import { dimensionsOf } from "./selection/dimensions.js";

/**
 * Number of combinations of a batch's blocks and canvases before rules and sample: the product of the numbers of
 * choices, linked blocks counting once. Exact, whatever the size.
 */
export const combinationCount = (batch: Batch): bigint =>
  dimensionsOf(batch).reduce((count, { size }) => count * BigInt(size), 1n);
