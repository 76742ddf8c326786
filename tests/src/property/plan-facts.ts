import { create } from "@bufbuild/protobuf";
import { type Batch, type Combination, SpokenWordSchema } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import { PlanPublisher } from "@polyreel/planner";
import type { Need } from "@polyreel/planning/plan";
import { blueprintOf, needsInOrder, ResolvedInputs, selectionOf, targetsOf } from "@polyreel/planning/plan";
import type { Publisher } from "@polyreel/platform/stream";
import { createTelemetry } from "@polyreel/platform/telemetry";
import { normalizeBatch } from "@polyreel/spec";
import type { Selection } from "@polyreel/spec/selection";
import type { Random } from "./random.js";

export interface PlanFacts {
  /** Hashes in the order of their requests. */
  readonly clips: string[];
  readonly sounds: string[];
  readonly combinations: Combination[];
  /** Choices of invalid ones, and their position. */
  readonly failed: { readonly ordinal: number; readonly id: string; readonly labels: string[] }[];
  /** Parts that a combination uses and that were not requested before it was published. */
  readonly usedTooEarly: string[];
  readonly total: number;
}

/**
 * Plans a batch like the planner, with its needs resolved in random order and in random waves; returns the published
 * facts.
 */
export async function planFacts(given: Batch, random: Random, earlier: readonly Batch[] = []): Promise<PlanFacts> {
  const batch = normalizeBatch(given);
  const { signal } = new AbortController();
  const selection: Selection = selectionOf(
    batch,
    earlier.map((one) => normalizeBatch(one)),
  );
  await selection.prepare(signal);
  const total = await selection.count(signal);
  const blueprint = blueprintOf(batch);
  const facts: PlanFacts = { clips: [], sounds: [], combinations: [], failed: [], usedTooEarly: [], total };
  const context = {
    batchId: "b1",
    attempt: 1,
    publisher: noting(facts),
    telemetry: SILENT,
    links: [],
    targets: targetsOf(batch, "b1", []),
    signal,
  };
  const knowledge = new ResolvedInputs();
  const planPublisher = new PlanPublisher(
    blueprint,
    selection,
    knowledge,
    { clip: "c", sound: "s", text: "t", rendition: "r" },
    context,
  );
  const unknown = random.shuffled(needsInOrder(blueprint));
  while (planPublisher.published < total) {
    for (const need of unknown.splice(0, random.whole(1, 3))) knowledge.learn(need, found(need));
    knowledge.nextWave();
    await planPublisher.publishWave();
  }
  return facts;
}

/** Exports nothing. */
const SILENT = await createTelemetry("test", {});

function noting(facts: PlanFacts): Publisher {
  const publish: Publisher["publish"] = async (name, fact) => {
    if (name === "clip.requested" && "hash" in fact) facts.clips.push(fact.hash ?? "");
    if (name === "sound.requested" && "hash" in fact) facts.sounds.push(fact.hash ?? "");
    if (name === "combination.planned" && "combination" in fact) {
      const combination = fact.combination as Combination;
      facts.combinations.push(combination);
      const uses = [
        ...combination.clips.map(({ hash }) => hash),
        ...(combination.soundHash ? [combination.soundHash] : []),
      ];
      facts.usedTooEarly.push(...uses.filter((hash) => !facts.clips.includes(hash) && !facts.sounds.includes(hash)));
    }
    if (name === "combination.failed" && "ordinal" in fact) {
      const { ordinal, combinationId = "", choices = [] } = fact;
      facts.failed.push({
        ordinal: Number(ordinal),
        id: combinationId,
        labels: choices.map(({ choice }) => choice ?? ""),
      });
    }
    return { stream: "", seq: 0, duplicate: false, domain: "" };
  };
  return { publish, publishOnce: async () => undefined, publishAfter: async () => undefined, progress: () => {} };
}

const video = {
  ...{ codec: "h264", width: 64, height: 64, rotationDegrees: 0, frameRate: 30, startSeconds: 0, durationSeconds: 0.5 },
  still: false,
};
const sound = { codec: "aac", channels: 2, sampleRate: 48_000, startSeconds: 0, durationSeconds: 0.5 };
const PROBE: Probe = { container: "mp4", sizeBytes: 1, durationSeconds: 0.5, video, audio: sound };
const STILL: Probe = { ...PROBE, video: { ...video, still: true, durationSeconds: 0 } };
/** First character of the hashes of stills. */
export const STILL_MARK = "5";

function found(need: Need) {
  if (need.kind === "voice") {
    const words = [create(SpokenWordSchema, { text: "Hi", startSeconds: 0, endSeconds: 0.3 })];
    return { hash: need.line, samples: 20_000, words };
  }
  const sha256 = need.kind === "source" ? need.sha256 : "";
  return { sha256, probe: sha256.startsWith(STILL_MARK) ? STILL : PROBE };
}
