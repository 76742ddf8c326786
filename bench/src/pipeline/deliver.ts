import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BatchSchema } from "@polyreel/contract";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";

export interface Delivery {
  readonly delivered: number;
  /** Of all videos, virtual ones included. */
  readonly outputBytes: number;
  /** From the submission to the first delivered video, as seen by a watching client. */
  readonly firstSeconds: number;
  /** From the submission to the end of the batch. */
  readonly wallSeconds: number;
}

/** Submits a batch and watches it to its end. Throws the first reported failure. */
export async function deliver(
  { batches }: Pick<Pipeline, "batches">,
  batch: MessageInitShape<typeof BatchSchema>,
  signal: AbortSignal,
): Promise<Delivery> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const { batch: accepted } = await batches.submitBatch({ batch }, { signal });
  let delivered = 0;
  let outputBytes = 0;
  let firstSeconds = NaN;
  for await (const { update } of batches.watchBatch({ batchId: accepted?.batchId ?? "" }, { signal })) {
    if (update.case === "combinationFailed") throw new Error(update.value.failure?.reason ?? "A combination failed.");
    if (update.case !== "combinationDelivered") continue;
    if (++delivered === 1) firstSeconds = seconds();
    outputBytes += Number(update.value.certificate?.sizeBytes ?? 0);
  }
  return { delivered, outputBytes, firstSeconds, wallSeconds: seconds() };
}
