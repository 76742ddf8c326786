import type { Batch } from "@polyreel/contract";
import type { Platform, Work } from "@polyreel/pipeline";
import { earlierBatches, readSpecification } from "@polyreel/pipeline";
import { blueprintOf, ResolvedInputs, selectionOf, targetsOf } from "@polyreel/planning/plan";
import { type PolyreelError, toPolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import type { FactMessage } from "@polyreel/platform/stream";
import { assertDistinctFiles } from "./assert-distinct-files.js";
import { assertFree } from "./assert-free.js";
import { openBatch } from "./opened-batch.js";
import { type Finding, planCombinations } from "./plan-combinations.js";
import { PlanPublisher } from "./publish-plan.js";
import { publishedInAttempt } from "./published-in-attempt.js";

const ATTEMPT = 1;

type Submitted = FactMessage<"batch.submitted">;

/**
 * Plans a batch. Planned again after a crash, everything has the same ids, and combinations that the stream has are not
 * published again: the broker forgets ids after a while.
 */
export async function onBatchSubmitted(
  told: Submitted,
  work: Work,
  platform: Platform,
  finding: Finding,
): Promise<void> {
  const { batchId, fact, traceparent, sequence: afterSequence } = told;
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
  const totals = await planCombinations(opened, request, work, platform, finding);
  await platform.publisher.publish("batch.planned", { batchId, ...totals }, { id: "plan", attempt: ATTEMPT });
  const { combinations, clips } = totals;
  work.log.info({ batch: batchId, combinations: Number(combinations), clips: Number(clips) }, "planned");
}

/** Tells every combination of a batch that can't be planned at all; one whose specification is lost is cancelled. */
export async function giveUpBatch(told: Submitted, error: PolyreelError, platform: Platform): Promise<void> {
  const { batchId } = told;
  const { stream, publisher, telemetry, log } = platform;
  const store = scopedStore(platform.store, told.fact.tenant);
  let batch: Batch;
  try {
    batch = await readSpecification(store, told.fact);
  } catch (thrown) {
    log.error({ err: toPolyreelError(thrown), batch: batchId }, "the specification is lost; cancelled");
    await publisher.publishOnce("batch.cancelled", { batchId });
    return;
  }
  const signal = new AbortController().signal;
  // What it continues may be just what is lost: then every combination is told.
  const earlier = await earlierBatches(batch, { stream, store }).catch(() => []);
  const selection = selectionOf(
    batch,
    earlier.map((one) => one.batch),
  );
  const targets = targetsOf(batch, batchId, earlier);
  const links = [told.traceparent];
  const context = { batchId, attempt: ATTEMPT, targets, publisher, telemetry, links, signal };
  const encoders = { clip: "", sound: "", text: "" };
  const speaker = new PlanPublisher(blueprintOf(batch), selection, new ResolvedInputs(), encoders, context);
  await speaker.speakFailure(error);
  await publisher.publish("batch.planned", { batchId, ...speaker.totals }, { id: "plan", attempt: ATTEMPT });
}
