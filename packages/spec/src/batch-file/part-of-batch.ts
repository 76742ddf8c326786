import { create } from "@bufbuild/protobuf";
import { type Batch, SampleSchema } from "@polyreel/contract";

/** Restricts a batch to a sample; seed and method in its file are kept. */
export function sampleBatch(batch: Batch, count: number): void {
  batch.sample ??= create(SampleSchema);
  batch.sample.count = BigInt(count);
}

/** Restricts a batch to what an earlier sample left out. A sample in its file refers to that earlier one. */
export function continueBatch(batch: Batch, sampleId: string): void {
  batch.continues = sampleId;
  delete batch.sample;
}
