import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Stage, type Target } from "@polyreel/contract";
import { clipEncoder, renditionEngine, soundEncoder } from "@polyreel/media/ffmpeg";
import { TEXT_ENGINE } from "@polyreel/media/text";
import type { Tenants } from "@polyreel/parts";
import type { FairSlots, Platform, Work } from "@polyreel/pipeline";
import type { Picked } from "@polyreel/planning/plan";
import {
  type Blueprint,
  type Need,
  needKey,
  needsInOrder,
  needsOfPicked,
  ResolvedInputs,
} from "@polyreel/planning/plan";
import { serverOf } from "@polyreel/platform/stream";
import { briefStep } from "@polyreel/platform/telemetry";
import { shownUrl } from "@polyreel/platform/web";
import type { Selection } from "@polyreel/spec/selection";
import type { ResolvingConfig } from "./config.js";
import type { SourceBuckets } from "./fetch/buckets/source-buckets.js";
import { fetchOnce } from "./fetch/fetch-once.js";
import type { TriedAgain } from "./fetch/fetch-source.js";
import type { OpenedBatch } from "./opened-batch.js";
import { PlanPublisher } from "./publish-plan.js";
import { resolveSources } from "./resolve-inputs.js";
import { resolveVoices } from "./resolve-voices.js";

/** Shared by all batches: `probes` are slots. */
export type Resolving = ResolvingConfig & {
  readonly probes: FairSlots;
  readonly tenants: Tenants;
  readonly buckets: SourceBuckets;
};

/** Which part of a batch to plan, and how to publish it. */
export interface PlanRequest {
  /** Attempt number of all published facts. */
  readonly attempt: number;
  /** Combinations to plan by ordinal, each with a mask of deliveries (0n: all); all if omitted. */
  readonly only?: ReadonlyMap<number, bigint>;
  /** Masks of deliveries by ordinal that were published in this attempt before a crash. */
  readonly published?: ReadonlyMap<number, bigint>;
  /** Facts about voice lines before this position in the stream are ignored. */
  readonly afterSequence: number;
  /** Lines are spoken anew whose voices speak a text differently each time. */
  readonly respeak?: boolean;
  /** W3C traceparents that combinations' traces link to. */
  readonly links: readonly string[];
  /** Targets of the deliveries, by number. */
  readonly targets: readonly Target[];
}

/**
 * Requests the voice lines of combinations, fetches and probes their sources, and publishes each combination as soon as
 * its own inputs are known or have failed. While it waits for a slow source, a voice or a speech service, other batches
 * are planned.
 */
export async function planCombinations(
  { batchId, store, blueprint, selection }: OpenedBatch,
  { attempt, only, published, afterSequence, respeak = false, links, targets }: PlanRequest,
  { signal, outsideSlot }: Work,
  platform: Platform,
  resolving: Resolving,
): Promise<{ readonly totals: PlanPublisher["totals"] & { readonly voices: bigint }; readonly uses: Uint8Array }> {
  const { publisher, telemetry } = platform;
  await selection.prepare(signal);
  const chosen = only ? restricted(selection, only) : selection;
  const needs = only ? needsOfChosen(blueprint, chosen.combinations()) : needsInOrder(blueprint);
  const total = only ? countOf(chosen.combinations()) : await selection.count(signal);
  const voices = needs.filter((need) => need.kind === "voice");
  const media = needs.filter((need) => need.kind === "source" || need.kind === "url");
  const { tenant } = blueprint.batch;
  const { sources } = resolving.tenants.of(tenant);

  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  const knowledge = new ResolvedInputs();
  const fetch = (url: string) => {
    const attributes = { "polyreel.batch.id": batchId };
    const onTryAgain = ({ tried, tries, inMs, reason }: TriedAgain) => {
      const tryingAgain = { tried, tries, nextAt: timestampFromMs(Math.round(Date.now() + inMs)), reason };
      publisher.progress({ batchId, stage: Stage.PLAN, id: shownUrl(url), tryingAgain });
    };
    const limits = resolving.fetchLimits;
    const buckets = resolving.buckets.of(tenant);
    const options = { ...resolving, limits, buckets, batchId, attempt, store, sources, signal: until, onTryAgain };
    return telemetry.span("fetch source", { attributes }, () => fetchOnce(url, options));
  };
  const probeTurn = (turn: AbortSignal) => briefStep("wait for slot", () => resolving.probes.acquire(batchId, turn));
  const spoken = new Set<string>();
  const onRequest = (hash: string) => spoken.add(hash);
  const found = resolveSources(media, knowledge, { ...resolving, sources, fetch, probeTurn, signal: until });
  const speech = { batchId, tenant, attempt, afterSequence, respeak, found, onRequest, signal: until };
  const inputsResolved = Promise.all([...found.values(), resolveVoices(voices, knowledge, speech, platform)]).catch(
    (error: unknown) => failed.abort(error),
  );

  try {
    const encoders = {
      ...{ clip: await clipEncoder(), sound: await soundEncoder(), text: TEXT_ENGINE },
      rendition: await renditionEngine(),
    };
    const server = serverOf(platform.stream.connection);
    const context = { batchId, attempt, targets, only, published, publisher, telemetry, server, links, signal: until };
    const planPublisher = new PlanPublisher(blueprint, chosen, knowledge, encoders, context);
    while (planPublisher.published < total) {
      if (needs.length > 0) await outsideSlot(() => briefStep("wait for inputs", () => knowledge.news(until)));
      knowledge.nextWave();
      await planPublisher.publishWave();
    }
    return { totals: { ...planPublisher.totals, voices: BigInt(spoken.size) }, uses: planPublisher.uses };
  } finally {
    failed.abort();
    await inputsResolved;
  }
}

/** A selection restricted to combinations with these ordinals. */
export const restricted = (
  selection: Pick<Selection, "combinations">,
  only: ReadonlyMap<number, unknown>,
): Pick<Selection, "combinations"> => ({
  *combinations(waves) {
    for (const picked of selection.combinations(waves)) if (only.has(picked.ordinal)) yield picked;
  },
});

function needsOfChosen(blueprint: Blueprint, combinations: Iterable<Picked>): Need[] {
  const distinct = new Map<string, Need>();
  for (const picked of combinations) {
    for (const need of needsOfPicked(blueprint, picked)) distinct.set(needKey(need), need);
  }
  return [...distinct.values()];
}

function countOf(combinations: Iterable<Picked>): number {
  let count = 0;
  for (const _ of combinations) count++;
  return count;
}
