import { fromBinary } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type BatchSubmitted, normalizeBatch } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { planKey, type Store } from "@polyreel/platform/store/store.js";

/** Samples of samples: more than anybody draws. */
const MAX_EARLIER = 100;

/** A batch as it was accepted. */
export async function readSpec({ batchId, specSha256 }: BatchSubmitted, store: Store): Promise<Batch> {
  return normalizeBatch(fromBinary(BatchSchema, await store.read(planKey(batchId, specSha256))));
}

/** The samples that a batch continues, the oldest first. */
export async function readEarlier({ continues }: Batch, stream: EventStream, store: Store): Promise<Batch[]> {
  const earlier: Batch[] = [];
  for (let id = continues; id !== "" && earlier.length < MAX_EARLIER; id = earlier[0]?.continues ?? "") {
    const submitted = await lastFact(stream, "batch.submitted", id);
    if (!submitted) {
      throw new PolyreelError("invalid", {
        field: "continues",
        reason: `The batch ${JSON.stringify(id)} that it continues is not known any more.`,
        remedy: "Submit it without `continues`: parts that were made are used again.",
      });
    }
    earlier.unshift(await readSpec(submitted.fact, store));
  }
  return earlier;
}
