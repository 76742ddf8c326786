import { type Batch, outputFolder } from "@polyreel/contract";
import { clipEncoder, soundEncoder } from "@polyreel/media/ffmpeg/build.js";
import { TEXT_ENGINE } from "@polyreel/media/text/engine.js";
import { type PolyreelError, toPolyreelError } from "@polyreel/platform/errors.js";
import type { FairSlots } from "@polyreel/platform/nats/fair-slots.js";
import type { Told } from "@polyreel/platform/nats/follow.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import type { Platform } from "@polyreel/platform/service.js";
import { earlierBatches, readSpecification } from "@polyreel/platform/specification.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import type { FindingConfig } from "./config.js";
import { fetchOnce } from "./fetch/fetch-once.js";
import { learnSources, learnVoices } from "./find-out.js";
import { type Blueprint, blueprintOf, needsInOrder } from "./plan/blueprint.js";
import { GrowingKnowledge } from "./plan/knowledge.js";
import type { VoiceNeed } from "./plan/needs.js";
import { selectionOf } from "./plan/selection.js";
import { PlanSpeaker } from "./speak-plan.js";

const ATTEMPT = 1;

type Submitted = Told<"batch.submitted">;

/** `probes`: slots that all batches share. */
type Finding = FindingConfig & { readonly probes: FairSlots };

/**
 * Plans a batch: asks for its voice lines, fetches and probes its sources, and says each combination as soon as its
 * own inputs are known or have failed. Said again after a crash, everything has the same ids. While it waits for a slow
 * source or a voice, other batches are planned.
 */
export async function onBatchSubmitted(
  told: Submitted,
  { signal, log, outsideSlot }: Work,
  platform: Platform,
  finding: Finding,
): Promise<void> {
  const { batchId } = told;
  const { stream, publisher, telemetry } = platform;
  const store = scopedStore(platform.store, told.fact.tenant);
  const batch = await readSpecification(store, told.fact);
  const blueprint = blueprintOf(batch);
  const earlier = await earlierBatches(batch, { stream, store });
  const selection = selectionOf(
    batch,
    earlier.map((one) => one.batch),
  );
  await selection.prepare(signal);
  const total = await selection.count(signal);
  const needs = needsInOrder(blueprint);
  const voices = needs.filter((need) => need.kind === "voice");
  const sources = needs.filter((need) => need.kind === "source" || need.kind === "url");

  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  const knowledge = new GrowingKnowledge();
  const fetch = (url: string) => {
    const attributes = { "polyreel.batch.id": batchId };
    const options = { ...finding, limits: finding.fetchLimits, batchId, attempt: ATTEMPT, store, signal: until };
    return telemetry.span("fetch source", { attributes }, () => fetchOnce(url, options));
  };
  const probeTurn = (turn: AbortSignal) => finding.probes.acquire(batchId, turn);
  for (const voice of voices) await requestVoice(voice, batchId, blueprint, platform);
  const findingOut = Promise.all([
    learnSources(sources, knowledge, { ...finding, store, fetch, probeTurn, signal: until }),
    learnVoices(voices, knowledge, { stream, batchId, signal: until }),
  ]).catch((error: unknown) => failed.abort(error));

  try {
    const encoders = { clip: await clipEncoder(), sound: await soundEncoder(), text: TEXT_ENGINE };
    const folder = outputFolder(batch, batchId, earlier);
    const context = {
      batchId,
      attempt: ATTEMPT,
      folder,
      publisher,
      telemetry,
      submittedIn: told.traceparent,
      signal: until,
    };
    const speaker = new PlanSpeaker(blueprint, selection, knowledge, encoders, context);
    while (speaker.spoken < total) {
      if (needs.length > 0) await outsideSlot(() => knowledge.news(until));
      knowledge.nextWave();
      await speaker.speakWave();
    }
    const totals = { ...speaker.totals, voices: BigInt(voices.length) };
    await publisher.publish("batch.planned", { batchId, ...totals }, { id: "plan", attempt: ATTEMPT });
    log.info({ batch: batchId, combinations: total, clips: speaker.totals.clips.toString() }, "planned");
  } finally {
    failed.abort();
    await findingOut;
  }
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
  const folder = outputFolder(batch, batchId, earlier);
  const context = { batchId, attempt: ATTEMPT, folder, publisher, telemetry, submittedIn: told.traceparent, signal };
  const encoders = { clip: "", sound: "", text: "" };
  const speaker = new PlanSpeaker(blueprintOf(batch), selection, new GrowingKnowledge(), encoders, context);
  await speaker.speakFailure(error);
  await publisher.publish("batch.planned", { batchId, ...speaker.totals }, { id: "plan", attempt: ATTEMPT });
}

async function requestVoice(
  { hash, recipe, origin }: VoiceNeed,
  batchId: string,
  { batch }: Blueprint,
  { publisher }: Platform,
): Promise<void> {
  await publisher.publish(
    "voice.requested",
    {
      batchId,
      tenant: batch.tenant,
      attempt: ATTEMPT,
      hash,
      recipe: { case: "voice", value: recipe },
      origins: [origin],
    },
    { id: hash, attempt: ATTEMPT },
  );
}
