import { fromBinary } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, SampleMethod } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { planKey, readBytes, type Store } from "@polyreel/platform/blobs";
import type { EventStream } from "@polyreel/platform/stream";
import { lastFact } from "@polyreel/platform/stream";
import { continueMistakes, normalizeBatch } from "@polyreel/spec";

/** A batch as it was accepted, with every default filled in. `store`: its tenant's. */
export async function readSpecification(
  store: Store,
  { batchId, specSha256 }: { batchId: string; specSha256: string },
): Promise<Batch> {
  const batch = fromBinary(BatchSchema, await readBytes(store, planKey(batchId, specSha256)));
  // Accepted before samples had a method: the default since then would select other combinations.
  if (batch.sample) batch.sample.method ||= SampleMethod.RANDOM;
  return normalizeBatch(batch);
}

/** A batch that is continued by another one. */
export interface EarlierBatch {
  readonly batchId: string;
  readonly batch: Batch;
}

/**
 * The batches that a normalised one continues, oldest first; may be empty. Throws PolyreelError `invalid` if one does
 * not exist, or has other combinations.
 */
export async function earlierBatches(
  batch: Batch,
  { stream, store }: { stream: EventStream; store: Store },
): Promise<EarlierBatch[]> {
  const earlier: EarlierBatch[] = [];
  const seen = new Set<string>();
  for (let batchId = batch.continues; batchId !== "" && !seen.has(batchId); ) {
    seen.add(batchId);
    const submitted = await lastFact(stream, "batch.submitted", batchId);
    if (submitted?.fact.tenant !== batch.tenant) throw noSuchBatch(batchId);
    const found = await readSpecification(store, submitted.fact);
    const [mistake] = continueMistakes(batch, found, batchId);
    if (mistake) throw new PolyreelError("invalid", mistake);
    earlier.unshift({ batchId, batch: found });
    batchId = found.continues;
  }
  return earlier;
}

const noSuchBatch = (batchId: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: "continues",
    reason: `There is no batch ${JSON.stringify(batchId)} to continue.`,
    remedy:
      "Give the id that SubmitBatch answered for the sample; or omit continues: identical parts are reused in any case.",
  });
