import type { Batch } from "../gen/polyreel/v1/batch_pb.js";

/** Where a batch's outputs go, below the destination's root: as its specification says, else a folder of its own. */
export function outputFolder(batch: Batch, batchId: string): string {
  const destination = batch.outputs[0]?.destination?.kind;
  return (destination?.case === "folder" && destination.value.path) || batchId;
}
