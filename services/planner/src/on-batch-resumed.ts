import type { WorkItem } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { factAt, lastFact, type Told } from "@polyreel/platform/nats/follow.js";
import { Pipeline } from "@polyreel/platform/nats/pipeline.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import type { Platform } from "@polyreel/platform/service.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { readWorkList } from "@polyreel/platform/work-list.js";
import { alreadySaid } from "./already-said.js";
import { assertFree } from "./assert-free.js";
import { openBatch } from "./opened-batch.js";
import { PartsAnew } from "./parts-anew.js";
import { GrowingKnowledge } from "./plan/knowledge.js";
import { type Finding, planCombinations, theseOf } from "./plan-combinations.js";
import { sayAgain, sayable } from "./say-again.js";
import { PlanSpeaker } from "./speak-plan.js";

type Resumed = Told<"batch.resumed">;

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
  const said = await alreadySaid(stream, { batchId, attempt, afterSequence: sequence }, work.signal);
  const again = new Pipeline(AT_ONCE);
  const anew = rework?.force ? new PartsAnew(batchId, attempt) : undefined;
  const toPlan = new Set<number>();
  const repeat = async (item: WorkItem) => {
    const first = item.sequence > 0n ? sayable(await factAt(stream, Number(item.sequence)), batchId) : undefined;
    // Which parts are made anew, all combinations tell, also those that were said again before a crash.
    if (first) anew?.need(first.fact.combination);
    if (said.has(item.ordinal)) return;
    if (first) await sayAgain(first, told, platform);
    else toPlan.add(item.ordinal);
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

/** Plans combinations of a batch anew. */
async function planAgain(
  { batchId, fact, sequence, traceparent }: Resumed,
  only: ReadonlySet<number>,
  work: Work,
  platform: Platform,
  finding: Finding,
): Promise<void> {
  const { opened, links } = await openResumed(batchId, traceparent, platform);
  const { folder, written = false, overwrite = false } = fact.rework ?? {};
  const aside = { written, overwrite: overwrite || (!folder && opened.overwrite) };
  const request = { attempt: fact.attempt, only, afterSequence: sequence, links, ...aside };
  const into = { ...opened, folder: folder || opened.folder, overwrite: request.overwrite };
  await opened.selection.prepare(work.signal);
  const these = { ...into, selection: theseOf(opened.selection, only) };
  await work.outsideSlot(() => assertFree(these, platform, work.signal));
  await planCombinations(opened, { ...request, folder: into.folder }, work, platform, finding);
}

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
    const failing = new Set<number>();
    for await (const { ordinal } of readWorkList(scopedStore(store, fact.tenant), fact)) failing.add(ordinal);
    const { attempt } = fact;
    for (const ordinal of await alreadySaid(stream, { batchId, attempt, afterSequence: sequence }, signal)) {
      failing.delete(ordinal);
    }
    const { folder, selection, blueprint } = opened;
    await selection.prepare(signal);
    const context = { batchId, attempt, folder, written: false, overwrite: false, publisher, telemetry, links, signal };
    const chosen = theseOf(selection, failing);
    const encoders = { clip: "", sound: "", text: "" };
    await new PlanSpeaker(blueprint, chosen, new GrowingKnowledge(), encoders, context).speakFailure(error);
  } catch (thrown) {
    log.error({ err: thrown, batch: batchId, run: fact.run }, "what a run works on is lost; it ends as it is");
  }
  await publisher.publish(
    "batch.requeued",
    { batchId, run: fact.run },
    { id: String(fact.run), attempt: fact.attempt },
  );
}
