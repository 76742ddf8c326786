import { outputFolder } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { earlierBatches, readSpecification } from "@polyreel/platform/specification.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import type { Store } from "@polyreel/platform/store/store.js";

/** Where a batch's outputs lie, and whose else lie there because it continues them: all that its manifest lists. */
export interface BatchPlace {
  readonly folder: string;
  /** The oldest first, the batch itself last. */
  readonly batchIds: readonly string[];
}

export async function batchPlace(batchId: string, stream: EventStream, store: Store): Promise<BatchPlace> {
  const submitted = await lastFact(stream, "batch.submitted", batchId);
  if (!submitted) throw new PolyreelError("not_found", "The batch is no longer in the event stream.");
  const tenantStore = scopedStore(store, submitted.fact.tenant);
  const batch = await readSpecification(tenantStore, submitted.fact);
  const earlier = await earlierBatches(batch, { stream, store: tenantStore });
  const folder = outputFolder(batch, batchId, earlier);
  const beside = earlier.filter((one, i) => outputFolder(one.batch, one.batchId, earlier.slice(0, i)) === folder);
  return { folder, batchIds: [...beside.map((one) => one.batchId), batchId] };
}
