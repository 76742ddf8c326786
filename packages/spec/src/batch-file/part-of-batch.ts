import { create } from "@bufbuild/protobuf";
import { type Batch, SampleSchema } from "@polyreel/contract";

/** Takes a sample of a batch instead of all; a seed that its file says stays. */
export function sampleBatch(batch: Batch, count: number): void {
  batch.sample = create(SampleSchema, { count: BigInt(count), seed: batch.sample?.seed ?? 0n });
}

/** Takes what a sample of the batch left out. The sample that its file says was that one. */
export function continueBatch(batch: Batch, sampleId: string): void {
  batch.continues = sampleId;
  delete batch.sample;
}
