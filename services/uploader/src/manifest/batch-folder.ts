import { fromBinary } from "@bufbuild/protobuf";
import { BatchSchema, outputFolder } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { planKey, type Store } from "@polyreel/platform/store/store.js";

/** Where a batch's outputs go, below the destination's root: as its specification says, or by its id. */
export async function batchFolder(batchId: string, stream: EventStream, store: Store): Promise<string> {
  const submitted = await lastFact(stream, "batch.submitted", batchId);
  if (!submitted) throw new PolyreelError("not_found", "The batch is no longer in the event stream.");
  const { tenant, specSha256 } = submitted.fact;
  const spec = fromBinary(BatchSchema, await scopedStore(store, tenant).read(planKey(batchId, specSha256)));
  return outputFolder(spec, batchId);
}
