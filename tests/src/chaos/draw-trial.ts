import { create } from "@bufbuild/protobuf";
import { type Batch, OutputSchema } from "@polyreel/contract";
import { batchOf } from "../property/batch-of.js";
import { type DrawnBatch, drawBatch, type Media } from "../property/draw-batch.js";
import { canBeMade, keyOf, modelOf } from "../property/model.js";
import { Random } from "../property/random.js";
import { drawOutputs } from "./draw-outputs.js";

/** Processes to kill, all at once. A program is one that a service currently runs: ffmpeg, ffprobe, a speech engine. */
export type Victim = "gateway" | "planner" | "tts" | "renderer" | "other renderer" | "uploader" | "nats" | "program";

export interface Kill {
  /** Share of the expected facts at which to kill: 0 to 1. */
  readonly after: number;
  /** Further delay in milliseconds. */
  readonly delayMs: number;
  readonly victims: readonly Victim[];
  /** How long they stay down, in milliseconds. */
  readonly downMs: number;
  /** They are paused and continued (SIGSTOP, SIGCONT) instead, while the trial continues. */
  readonly stops?: boolean;
}

/** What its client does with a batch, besides waiting for its end. */
export type Fate = "run" | "cancel" | "cancel and delete" | "retry" | "delete";

export interface ChaosBatch {
  readonly batch: Batch;
  /** Its combinations, and the impossible ones among them, by the labels of their choices. */
  readonly combinations: readonly string[];
  readonly unmakeable: ReadonlySet<string>;
  /** Per combination. */
  readonly deliveriesEach: number;
  /** Folders of its outputs, in addition to the one named after it. */
  readonly folders: readonly string[];
  readonly fate: Fate;
  /** When it is cancelled: share of the trial's expected facts, 0 to 1. */
  readonly cancelAfter: number;
}

export interface Trial {
  readonly seed: number;
  readonly batches: readonly ChaosBatch[];
  readonly kills: readonly Kill[];
  /** While ended batches are retried and deleted. */
  readonly lateKills: readonly Kill[];
  /** At the end, everything that has ended is cleaned up. */
  readonly cleansUp: boolean;
}

export const SERVICES = ["gateway", "planner", "tts", "renderer", "other renderer", "uploader"] as const;
/** Per batch. */
const COMBINATIONS = { least: 2, most: 30 };
const MAX_BATCHES = 3;
const MAX_KILLS = 3;
/** Rare, because each takes longer than acks, leases and connections wait. */
const STOPS = { part: 0.08, most: 3, ms: 40_000 };

/** A trial's batches and kills, determined by the seed. */
export function drawTrial(seed: number, media: Media): Trial {
  const random = new Random(seed);
  const style = drawStyle(random, seed);
  const batches = Array.from({ length: random.whole(1, MAX_BATCHES) }, (_, i) =>
    drawChaosBatch(random, media, style, `trial-${seed}-${i}`),
  );
  const kills = Array.from({ length: random.whole(1, MAX_KILLS) }, () => drawKill(random));
  if (random.chance(STOPS.part)) {
    for (let i = random.whole(1, STOPS.most); i > 0; i--) kills.push(drawStop(random));
  }
  return {
    seed,
    batches,
    kills: kills.sort((a, b) => a.after - b.after),
    lateKills: random.chance(0.5) ? [drawKill(random)] : [],
    cleansUp: random.chance(0.15),
  };
}

const drawStop = (random: Random): Kill => ({
  ...{ after: random.next(), delayMs: random.whole(0, 100), downMs: STOPS.ms, stops: true },
  victims: [random.pick(SERVICES)],
});

function drawFate(random: Random): Fate {
  const kind = random.next();
  if (kind < 0.5) return "run";
  if (kind < 0.65) return "cancel";
  if (kind < 0.8) return "cancel and delete";
  return kind < 0.9 ? "retry" : "delete";
}

export function drawKill(random: Random): Kill {
  const timing = { after: random.next(), delayMs: random.whole(0, 100), downMs: random.whole(0, 600) };
  const kind = random.next();
  if (kind < 0.15) return { ...timing, victims: ["nats"] };
  if (kind < 0.35) return { ...timing, victims: ["program"] };
  if (kind < 0.7) return { ...timing, victims: [random.pick(SERVICES)] };
  const several = random.shuffled([...SERVICES, "nats", "program"] as Victim[]);
  return { ...timing, victims: several.slice(0, random.whole(2, several.length)) };
}

/** Makes a trial's parts unique: otherwise those of earlier trials would be reused. */
interface Style {
  readonly width: number;
  readonly height: number;
  readonly gainDb: number;
  readonly word: string;
}

const drawStyle = (random: Random, seed: number): Style => ({
  width: 2 * random.whole(24, 90),
  height: 2 * random.whole(24, 90),
  gainDb: -random.whole(50, 250) / 10,
  word: `${seed % 100_000}`,
});

function drawChaosBatch(random: Random, media: Media, style: Style, folder: string): ChaosBatch {
  for (;;) {
    const drawn: DrawnBatch = { ...drawBatch(random, media), sample: undefined };
    const model = modelOf(drawn);
    if (model.length < COMBINATIONS.least || model.length > COMBINATIONS.most || !model.some(canBeMade)) continue;
    const batch = batchOf(drawn);
    applyStyle(batch, style);
    // Drawn separately, so that the rest does not depend on the outputs.
    const { outputs, ...delivered } = drawOutputs(new Random(Math.floor(random.next() * 2 ** 32)), folder);
    batch.outputs = outputs.map((output) => create(OutputSchema, output));
    return {
      batch,
      ...delivered,
      combinations: model.map(keyOf),
      unmakeable: new Set(model.filter((one) => !canBeMade(one)).map(keyOf)),
      fate: drawFate(random),
      cancelAfter: random.next(),
    };
  }
}

function applyStyle(batch: Batch, { width, height, gainDb, word }: Style): void {
  if (batch.canvas) Object.assign(batch.canvas, { width, height });
  for (const [i, canvas] of batch.canvases.entries()) Object.assign(canvas, { width: width + 2 * i, height });
  for (const { kind } of batch.blocks) {
    if (kind.case === "audio") kind.value.gainDb = gainDb;
    if (kind.case === "voice") for (const choice of kind.value.choices) choice.text &&= `${choice.text} ${word}`;
  }
}
