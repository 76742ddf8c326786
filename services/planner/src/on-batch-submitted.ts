import type { Batch } from "@polyreel/contract";
import type { Platform, Work } from "@polyreel/pipeline";
import { earlierBatches, readSpecification } from "@polyreel/pipeline";
import { blueprintOf, ResolvedInputs, selectionOf, targetsOf } from "@polyreel/planning/plan";
import { type PolyreelError, toPolyreelError } from "@polyreel/platform";
import { partUsesKey, scopedStore } from "@polyreel/platform/blobs";
import type { FactMessage } from "@polyreel/platform/stream";
import { assertDistinctFiles } from "./assert-distinct-files.js";
import { assertFree } from "./assert-free.js";
import { openBatch } from "./opened-batch.js";
import { planCombinations, type Resolving } from "./plan-combinations.js";
import { PlanPublisher } from "./publish-plan.js";
import { publishedInAttempt } from "./published-in-attempt.js";

const ATTEMPT = 1;

type Submitted = FactMessage<"batch.submitted">;

/**
 * Plans a batch. After a crash everything is planned with the same ids, and combinations that are in the stream are not
 * published again: the broker forgets message ids after a while.
 */
export async function onBatchSubmitted(
  message: Submitted,
  work: Work,
  platform: Platform,
  resolving: Resolving,
): Promise<void> {
  const { batchId, fact, traceparent, sequence: afterSequence } = message;
  const opened = await openBatch(fact, platform);
  await opened.selection.prepare(work.signal);
  await assertDistinctFiles(opened, work.signal);
  await work.outsideSlot(() => assertFree(opened, platform, work.signal));
  const { targets } = opened;
  const published = await publishedInAttempt(
    platform.stream,
    { batchId, attempt: ATTEMPT, afterSequence },
    work.signal,
  );
  const request = { attempt: ATTEMPT, published, afterSequence: 0, links: [traceparent], targets };
  const { totals, uses } = await planCombinations(opened, request, work, platform, resolving);
  if (uses.length > 0) await opened.store.put(partUsesKey(batchId), uses);
  await platform.publisher.publish("batch.planned", { batchId, ...totals }, { id: "plan", attempt: ATTEMPT });
  const { combinations, clips } = totals;
  work.log.info({ batch: batchId, combinations: Number(combinations), clips: Number(clips) }, "planned");
}

/** Publishes every combination of an unplannable batch as failed; if the specification is lost, cancels the batch. */
export async function giveUpBatch(message: Submitted, error: PolyreelError, platform: Platform): Promise<void> {
  const { batchId } = message;
  const { stream, publisher, telemetry, log } = platform;
  const store = scopedStore(platform.store, message.fact.tenant);
  let batch: Batch;
  try {
    batch = await readSpecification(store, message.fact);
  } catch (thrown) {
    const cause = toPolyreelError(thrown);
    if (cause.retryable) throw cause; // The store may only be away.
    log.error({ err: cause, batch: batchId }, "the specification is lost; cancelled");
    await publisher.publishOnce("batch.cancelled", { batchId });
    return;
  }
  const signal = new AbortController().signal;
  // If a continued batch is lost, all combinations are published.
  const earlier = await earlierBatches(batch, { stream, store }).catch(() => []);
  const selection = selectionOf(
    batch,
    earlier.map((one) => one.batch),
  );
  const targets = targetsOf(batch, batchId, earlier);
  const links = [message.traceparent];
  const context = { batchId, attempt: ATTEMPT, targets, publisher, telemetry, links, signal };
  const encoders = { clip: "", sound: "", text: "", rendition: "" };
  const planPublisher = new PlanPublisher(blueprintOf(batch), selection, new ResolvedInputs(), encoders, context);
  await planPublisher.publishFailure(error);
  await publisher.publish("batch.planned", { batchId, ...planPublisher.totals }, { id: "plan", attempt: ATTEMPT });
}
