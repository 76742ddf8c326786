import { ApprovalDecision, maskOf, type Target, type WorkItem } from "@polyreel/contract";
import { ForcedRebuild } from "@polyreel/parts/requests";
import type { Platform, Work } from "@polyreel/pipeline";
import { readWorkList } from "@polyreel/pipeline";
import { ResolvedInputs, retarget } from "@polyreel/planning/plan";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { Pipeline } from "@polyreel/platform/flow";
import { type FactMessage, factAt, lastFact } from "@polyreel/platform/stream";
import { assertDistinctFiles } from "./assert-distinct-files.js";
import { assertFree } from "./assert-free.js";
import { openBatch } from "./opened-batch.js";
import { planCombinations, type Resolving, restricted } from "./plan-combinations.js";
import { PlanPublisher } from "./publish-plan.js";
import { isPublished, publishedInAttempt } from "./published-in-attempt.js";
import { rejectCombination } from "./reject-combination.js";
import { outputsIn, republish, republishable } from "./republish.js";

type Resumed = FactMessage<"batch.resumed">;

/** Messages that are read and republished concurrently. */
const AT_ONCE = 200;

/**
 * Republishes the combinations of a resumed run as a new attempt: from the messages in its work list, or by planning
 * again if there are none (the combination failed before it was planned, or its messages are gone). Combinations that
 * were published before a crash are skipped.
 */
export async function onBatchResumed(
  message: Resumed,
  work: Work,
  platform: Platform,
  resolving: Resolving,
): Promise<void> {
  const { batchId, fact, sequence } = message;
  const { stream, store, publisher, log } = platform;
  const { attempt, run, rework } = fact;
  const published = await publishedInAttempt(stream, { batchId, attempt, afterSequence: sequence }, work.signal);
  const pipeline = new Pipeline(AT_ONCE);
  const rebuild = rework?.force ? new ForcedRebuild(batchId, attempt) : undefined;
  const toPlan = new Map<number, bigint>();
  const isRejection = rework?.decision === ApprovalDecision.REJECTED;
  const repeat = async (item: WorkItem) => {
    const first = item.sequence > 0n ? republishable(await factAt(stream, Number(item.sequence)), batchId) : undefined;
    // Parts to rebuild are collected from all combinations, including those republished before a crash.
    if (first) rebuild?.need(first.fact.combination, outputsIn(first, item.deliveries));
    if (isPublished(published, item.ordinal, item.deliveries)) return;
    if (first && isRejection) await rejectCombination(first, item.deliveries, message, platform);
    else if (first) await republish(first, item.deliveries, message, platform);
    else include(toPlan, item);
  };
  for await (const item of readWorkList(scopedStore(store, fact.tenant), fact)) {
    work.signal.throwIfAborted();
    await pipeline.add(repeat(item));
  }
  await pipeline.end();
  await rebuild?.request(platform, work.signal);
  if (toPlan.size > 0) await planAgain(message, toPlan, work, platform, resolving);
  await publisher.publish("batch.requeued", { batchId, run }, { id: String(run), attempt });
  log.info({ batch: batchId, run, combinations: Number(fact.combinations), planned: toPlan.size }, "requeued");
}

/** Adds an item's deliveries; a combination may have several items. */
function include(masks: Map<number, bigint>, { ordinal, deliveries }: WorkItem): void {
  const known = masks.get(ordinal);
  masks.set(ordinal, known === 0n || deliveries === 0n ? 0n : (known ?? 0n) | deliveries);
}

/** Plans combinations of a batch again. */
async function planAgain(
  { fact, sequence, traceparent }: Resumed,
  only: ReadonlyMap<number, bigint>,
  work: Work,
  platform: Platform,
  resolving: Resolving,
): Promise<void> {
  const { opened, links } = await openResumed(fact, traceparent, platform);
  const targets = opened.targets.map((target) => retarget(target, fact.rework));
  const respeak = fact.rework?.respeak ?? false;
  const request = { attempt: fact.attempt, only, afterSequence: sequence, respeak, links, targets };
  await opened.selection.prepare(work.signal);
  await assertDistinctFiles(opened, work.signal);
  const boundTargets = targets.filter((target) => isPlanned(target, only));
  const bound = { ...opened, targets: boundTargets, selection: restricted(opened.selection, only) };
  await work.outsideSlot(() => assertFree(bound, platform, work.signal));
  await planCombinations(opened, request, work, platform, resolving);
}

/** Whether a delivery is planned for any combination. */
const isPlanned = ({ delivery }: Target, only: ReadonlyMap<number, bigint>): boolean =>
  [...only.values()].some((mask) => mask === 0n || (mask & maskOf([delivery])) !== 0n);

async function openResumed({ batchId, specSha256 }: Resumed["fact"], traceparent: string, platform: Platform) {
  const submitted = await lastFact(platform.stream, "batch.submitted", batchId);
  if (!submitted) {
    const reason = "The batch's submission is no longer in the event stream.";
    throw new PolyreelError("invalid", { reason, remedy: "Submit the batch again." });
  }
  const accepted = { ...submitted.fact, specSha256: specSha256 || submitted.fact.specSha256 };
  return { opened: await openBatch(accepted, platform), links: [submitted.traceparent, traceparent] };
}

/** Publishes the failure of all combinations not republished yet, and the end of the run, so that the batch can end. */
export async function giveUpResumed(message: Resumed, error: PolyreelError, platform: Platform): Promise<void> {
  const { batchId, fact, sequence, traceparent } = message;
  const { stream, store, publisher, telemetry, log } = platform;
  const { signal } = new AbortController();
  try {
    const { opened, links } = await openResumed(fact, traceparent, platform);
    const { attempt } = fact;
    const published = await publishedInAttempt(stream, { batchId, attempt, afterSequence: sequence }, signal);
    const failing = new Map<number, bigint>();
    for await (const item of readWorkList(scopedStore(store, fact.tenant), fact)) {
      if (!isPublished(published, item.ordinal, item.deliveries)) include(failing, item);
    }
    const { targets, selection, blueprint } = opened;
    await selection.prepare(signal);
    const context = { batchId, attempt, targets, only: failing, publisher, telemetry, links, signal };
    const chosen = restricted(selection, failing);
    const encoders = { clip: "", sound: "", text: "", rendition: "" };
    await new PlanPublisher(blueprint, chosen, new ResolvedInputs(), encoders, context).publishFailure(error);
  } catch (thrown) {
    const cause = toPolyreelError(thrown);
    if (cause.retryable) throw cause; // The store may only be away.
    log.error({ err: cause, batch: batchId, run: fact.run }, "the work list of a run is lost; ending the run");
  }
  await publisher.publish(
    "batch.requeued",
    { batchId, run: fact.run },
    { id: String(fact.run), attempt: fact.attempt },
  );
}
