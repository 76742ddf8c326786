import type { Batch } from "../gen/polyreel/v1/batch_pb.js";

/**
 * Where a batch's outputs go, below the destination's root: as its specification says; else beside those of the first
 * batch that it continues (`earlier`, the oldest first); else into a folder of its own.
 */
export function outputFolder(
  batch: Batch,
  batchId: string,
  earlier: readonly { readonly batchId: string; readonly batch: Batch }[] = [],
): string {
  const destination = batch.outputs[0]?.destination?.kind;
  if (destination?.case === "folder" && destination.value.path) return destination.value.path;
  const [first] = earlier;
  return first ? outputFolder(first.batch, first.batchId) : batchId;
}
