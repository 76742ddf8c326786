import { create } from "@bufbuild/protobuf";
import { type Batch, SampleSchema } from "@polyreel/contract";

/** Restricts a batch to a sample; a seed in its file is kept. */
export function sampleBatch(batch: Batch, count: number): void {
  batch.sample = create(SampleSchema, { count: BigInt(count), seed: batch.sample?.seed ?? 0n });
}

/** Restricts a batch to what an earlier sample left out. A sample in its file refers to that earlier one. */
export function continueBatch(batch: Batch, sampleId: string): void {
  batch.continues = sampleId;
  delete batch.sample;
}
