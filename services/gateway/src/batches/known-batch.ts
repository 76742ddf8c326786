import { PolyreelError } from "@polyreel/platform";
import type { Scope } from "../call/call.js";
import type { KnownBatch, ReadModel } from "../read-model/read-model.js";

/**
 * What is known of a batch, including the fact at `sequence`. Throws PolyreelError `not_found`, with the same message
 * for a batch outside the scope and one that never existed, or `unavailable` while the read model is catching up.
 */
export async function knownBatch(model: ReadModel, batchId: string, scope: Scope, sequence = 0): Promise<KnownBatch> {
  await model.reached(sequence);
  const batch = await model.batch(batchId, scope);
  if (batch) return batch;
  throw new PolyreelError("not_found", {
    field: "batch_id",
    reason: `There is no batch ${JSON.stringify(batchId)}.`,
    remedy: "SubmitBatch answers with the id of the batch it accepted; ListBatches, or `polyreel list`, lists all.",
  });
}
