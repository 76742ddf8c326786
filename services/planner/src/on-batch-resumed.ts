import { ApprovalDecision, maskOf, type Target, type WorkItem } from "@polyreel/contract";
import { ForcedRebuild } from "@polyreel/parts/requests";
import type { Platform, Work } from "@polyreel/pipeline";
import { readWorkList } from "@polyreel/pipeline";
import { ResolvedInputs, retarget } from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { Pipeline } from "@polyreel/platform/flow";
import { type FactMessage, factAt, lastFact } from "@polyreel/platform/stream";
import { assertDistinctFiles } from "./assert-distinct-files.js";
import { assertFree } from "./assert-free.js";
import { openBatch } from "./opened-batch.js";
import { type Finding, planCombinations, theseOf } from "./plan-combinations.js";
import { PlanPublisher } from "./publish-plan.js";
import { isPublished, publishedInAttempt } from "./published-in-attempt.js";
import { rejectCombination } from "./reject-combination.js";
import { republish, republishable } from "./republish.js";

type Resumed = FactMessage<"batch.resumed">;

/** Messages that are read from the stream and said again at the same time. */
const AT_ONCE = 200;

/**
 * Says again what a resumed run works on, as a new attempt: from the messages that its list names, and where there are none
 * (the combination failed before it was planned, or its messages are gone), by planning it anew. What was said before a
 * crash is not said twice.
 */
export async function onBatchResumed(told: Resumed, work: Work, platform: Platform, finding: Finding): Promise<void> {
  const { batchId, fact, sequence } = told;
  const { stream, store, publisher, log } = platform;
  const { attempt, run, rework } = fact;
  const said = await publishedInAttempt(stream, { batchId, attempt, afterSequence: sequence }, work.signal);
  const again = new Pipeline(AT_ONCE);
  const anew = rework?.force ? new ForcedRebuild(batchId, attempt) : undefined;
  const toPlan = new Map<number, bigint>();
  const isRejection = rework?.decision === ApprovalDecision.REJECTED;
  const repeat = async (item: WorkItem) => {
    const first = item.sequence > 0n ? republishable(await factAt(stream, Number(item.sequence)), batchId) : undefined;
    // Which parts are made anew, all combinations tell, also those that were said again before a crash.
    if (first) anew?.need(first.fact.combination);
    if (isPublished(said, item.ordinal, item.deliveries)) return;
    if (first && isRejection) await rejectCombination(first, item.deliveries, told, platform);
    else if (first) await republish(first, item.deliveries, told, platform);
    else include(toPlan, item);
  };
  for await (const item of readWorkList(scopedStore(store, fact.tenant), fact)) {
    work.signal.throwIfAborted();
    await again.add(repeat(item));
  }
  await again.end();
  await anew?.request(platform, work.signal);
  if (toPlan.size > 0) await planAgain(told, toPlan, work, platform, finding);
  await publisher.publish("batch.requeued", { batchId, run }, { id: String(run), attempt });
  log.info({ batch: batchId, run, combinations: Number(fact.combinations), planned: toPlan.size }, "requeued");
}

/** Of one combination there may be several items. */
function include(masks: Map<number, bigint>, { ordinal, deliveries }: WorkItem): void {
  const known = masks.get(ordinal);
  masks.set(ordinal, known === 0n || deliveries === 0n ? 0n : (known ?? 0n) | deliveries);
}

/** Plans combinations of a batch anew. */
async function planAgain(
  { batchId, fact, sequence, traceparent }: Resumed,
  only: ReadonlyMap<number, bigint>,
  work: Work,
  platform: Platform,
  finding: Finding,
): Promise<void> {
  const { opened, links } = await openResumed(batchId, traceparent, platform);
  const targets = opened.targets.map((target) => retarget(target, fact.rework));
  const request = { attempt: fact.attempt, only, afterSequence: sequence, links, targets };
  await opened.selection.prepare(work.signal);
  await assertDistinctFiles(opened, work.signal);
  const bound = targets.filter((target) => isPlanned(target, only));
  const these = { ...opened, targets: bound, selection: theseOf(opened.selection, only) };
  await work.outsideSlot(() => assertFree(these, platform, work.signal));
  await planCombinations(opened, request, work, platform, finding);
}

/** Whether a delivery is one of those planned, of any combination. */
const isPlanned = ({ delivery }: Target, only: ReadonlyMap<number, bigint>): boolean =>
  [...only.values()].some((mask) => mask === 0n || (mask & maskOf([delivery])) !== 0n);

async function openResumed(batchId: string, traceparent: string, platform: Platform) {
  const submitted = await lastFact(platform.stream, "batch.submitted", batchId);
  if (!submitted) {
    const reason = "The batch's submission is no longer in the event stream.";
    throw new PolyreelError("invalid", { reason, remedy: "Submit the batch again." });
  }
  return { opened: await openBatch(submitted.fact, platform), links: [submitted.traceparent, traceparent] };
}

/** Tells that what was not said again fails, and that the run has no more to say: the batch must come to its end. */
export async function giveUpResumed(told: Resumed, error: PolyreelError, platform: Platform): Promise<void> {
  const { batchId, fact, sequence, traceparent } = told;
  const { stream, store, publisher, telemetry, log } = platform;
  const { signal } = new AbortController();
  try {
    const { opened, links } = await openResumed(batchId, traceparent, platform);
    const { attempt } = fact;
    const said = await publishedInAttempt(stream, { batchId, attempt, afterSequence: sequence }, signal);
    const failing = new Map<number, bigint>();
    for await (const item of readWorkList(scopedStore(store, fact.tenant), fact)) {
      if (!isPublished(said, item.ordinal, item.deliveries)) include(failing, item);
    }
    const { targets, selection, blueprint } = opened;
    await selection.prepare(signal);
    const context = { batchId, attempt, targets, only: failing, publisher, telemetry, links, signal };
    const chosen = theseOf(selection, failing);
    const encoders = { clip: "", sound: "", text: "" };
    await new PlanPublisher(blueprint, chosen, new ResolvedInputs(), encoders, context).speakFailure(error);
  } catch (thrown) {
    log.error({ err: thrown, batch: batchId, run: fact.run }, "the work list of a run is lost; ending the run");
  }
  await publisher.publish(
    "batch.requeued",
    { batchId, run: fact.run },
    { id: String(fact.run), attempt: fact.attempt },
  );
}
