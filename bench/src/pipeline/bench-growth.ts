import { create } from "@bufbuild/protobuf";
import { SoundRecipeSchema, SoundRole } from "@polyreel/contract";
import { decodePcm, mixSound, SoundEncoder } from "@polyreel/media/sound";
import type { Benchmark, FigureAbout } from "../benchmark.js";
import { measure } from "../measure/measure.js";
import type { Usage } from "../measure/processes.js";
import type { Workshop } from "../workshop.js";
import { combinationsOf, type Grid, makeGrid } from "./grid.js";
import { startServices } from "./services.js";

const CHOICES = 10;
const MAX_BLOCKS = 4;
const QUICK_BLOCKS = 1;
const SAMPLE_RATE = 48_000;
/** Upper bound for a video of four clips on the disk. */
const VIDEO_MEGABYTES = 1.5;

/** Split of a batch's CPU time, in seconds. */
type Split = Record<"Clips" | "Sound" | "Joins" | "Messaging" | "Delivery", number>;

const SPLIT: Record<keyof Split, string> = {
  Clips: "probing and encoding clips",
  Sound: "its soundtrack",
  Joins: "the renderer itself: layouts, certificates, and telling them",
  Messaging: "nats-server, planner, read model",
  Delivery: "the uploader: writing, and telling it",
};

export const growthCurve: Benchmark = {
  title: "batches of 10, 100, 1,000 and 10,000",
  figures: Object.fromEntries(Array.from({ length: MAX_BLOCKS }, (_, i) => Object.entries(figuresOf(i + 1))).flat()),
  run: benchGrowth,
};

function figuresOf(blocks: number): Record<string, FigureAbout> {
  const count = CHOICES ** blocks;
  const unless = blocks > QUICK_BLOCKS ? { unless: "quick" as const } : {};
  const figure = (about: string): FigureAbout => ({ unit: "s", about, ...unless });
  const parts = Object.entries(SPLIT).map(([part, about]) => [
    `growth${count}${part}CpuSeconds`,
    figure(`CPU of ${about}`),
  ]);
  return {
    [`growth${count}Seconds`]: figure(`a batch of ${count.toLocaleString("en")} small videos`),
    ...Object.fromEntries(parts),
  };
}

/** Batches of one to four blocks of ten, and the split of their CPU time. None shares parts with another. */
async function benchGrowth(workshop: Workshop) {
  const { scale, signal } = workshop;
  const values: Record<string, number> = {};
  await using services = await startServices(workshop);
  for (let blocks = 1; blocks <= (scale.quick ? QUICK_BLOCKS : MAX_BLOCKS); blocks++) {
    const grid = await makeGrid(`growth-${blocks}`, { ...scale.growth, blocks, choices: CHOICES }, workshop);
    const count = combinationsOf(grid);
    await workshop.requireDisk(count * VIDEO_MEGABYTES);
    const { wallSeconds, usages } = await services.run(grid);
    values[`growth${count}Seconds`] = wallSeconds;
    const split = splitOf(usages, await soundCpuSeconds(grid, blocks * scale.growth.clipSeconds, signal));
    for (const [part, seconds] of Object.entries(split)) values[`growth${count}${part}CpuSeconds`] = seconds;
  }
  return values;
}

/**
 * CPU time by purpose, as far as processes show it. Messages are part of every service's work: those of the renderer
 * and the uploader count as joins and delivery.
 */
function splitOf(usages: Readonly<Record<string, Usage>>, soundCpuSeconds: number): Split {
  const own = (...names: string[]) => names.reduce((sum, name) => sum + (usages[name]?.cpuSeconds ?? NaN), 0);
  const children = (name: string) => usages[name]?.childrenCpuSeconds ?? NaN;
  return {
    Clips: children("renderer") + children("planner") - soundCpuSeconds,
    Sound: soundCpuSeconds,
    Joins: own("renderer"),
    Messaging: own("nats", "planner", "gateway", "tts"),
    Delivery: own("uploader"),
  };
}

/**
 * CPU time of the one soundtrack that all combinations share, measured separately: processes do not distinguish it from
 * clips.
 */
async function soundCpuSeconds({ bed, folder }: Grid, seconds: number, signal: AbortSignal): Promise<number> {
  const samples = BigInt(Math.round(seconds * SAMPLE_RATE));
  const recipe = create(SoundRecipeSchema, {
    samples,
    events: [{ role: SoundRole.BED, samples, gainDb: -12, loop: true }],
  });
  const making = { signal, tempDir: folder };
  const encoder = new SoundEncoder({ processes: 1, tempDir: folder });
  const { cpuSeconds } = await measure(async () =>
    mixSound(recipe, [await decodePcm(bed, { zeroAt: "audio", ...making })], { ...making, encoder }),
  );
  return cpuSeconds;
}
