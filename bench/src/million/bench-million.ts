import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { put } from "@polyreel/tests/testing/media.js";
import { type Pipeline, startPipeline } from "@polyreel/tests/testing/pipeline.js";
import { streamSize } from "@polyreel/tests/testing/stream-size.js";
import type { Benchmark, FigureAbout } from "../benchmark.js";
import { folderBytes } from "../measure/folder-size.js";
import { median } from "../measure/measure.js";
import type { Watched } from "../measure/processes.js";
import { makeBed, makeFootage } from "../media/footage.js";
import { batchOf } from "../pipeline/batch.js";
import { followBatch, growth, peak, slowestTenth } from "../pipeline/follow-batch.js";
import type { Workshop } from "../workshop.js";
import { type Played, playSome } from "./play-some.js";

const PROCESSES = { gateway: "Gateway", planner: "Planner", renderer: "Renderer", uploader: "Uploader", nats: "Nats" };

const ofEach = <T>(suffix: string, figure: (name: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(PROCESSES).map(([name, word]) => [`million${word}${suffix}`, figure(name)]));

export const million: Benchmark = {
  title: "a million virtual videos",
  apart: true,
  figures: {
    millionCombinations: { unit: "", about: "combinations of that batch" },
    millionSeconds: { unit: "s", about: "from the submission until all are delivered" },
    millionPerSecond: { unit: "/s", about: "combinations a second" },
    millionSlowestPerSecond: { unit: "/s", about: "the slowest tenth of them" },
    millionManifestSeconds: { unit: "s", about: "after that, until all are listed in the manifest" },
    millionFirstSeconds: { unit: "s", about: "until the first could be played" },
    millionPlayed: { unit: "", about: "videos played meanwhile" },
    millionPlayedWhilePlanning: { unit: "", about: "of those before all were planned" },
    millionPlayMs: { unit: "ms", about: "one of them, whole and by ranges (median)" },
    millionPageMs: { unit: "ms", about: "a page of 100 of the list (median)" },
    millionPageMaxMs: { unit: "ms", about: "the slowest page" },
    millionStreamMb: { unit: "MB", about: "event stream" },
    millionStreamBytes: { unit: "", about: "bytes of it for one combination" },
    millionStoreMb: { unit: "MB", about: "store: sources, parts" },
    millionOutputMb: { unit: "MB", about: "output folder: lists of the videos, and nothing else" },
    millionDatabaseMb: { unit: "MB", about: "read model (PGlite)" },
    ...ofEach("RssMb", (name): FigureAbout => ({ unit: "MB", about: `most memory of ${name}` })),
    ...ofEach("RssGrowthMb", (name): FigureAbout => ({ unit: "MB", about: `growth of ${name}, from the first tenth` })),
  },
  run: benchMillion,
};

const POLL_MS = 100;
const SIZE = { width: 90, height: 160 };

/**
 * Blocks of clips of half a second at 90x160 over one bed, virtual: on one machine, from scratch. While it is planned,
 * encoded and delivered, a client browses the list and plays available videos.
 */
async function benchMillion(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { blocks, choices } = scale.million;
  const folder = await workshop.folder("million");
  const footage = await makeFootage(folder, 0, { size: SIZE, seconds: blocks * choices, signal });
  const bed = await makeBed(folder, signal);
  const database = join(folder, "database");
  const pipeline = await startPipeline({ GATEWAY_DATABASE: database });
  try {
    const sha256 = await put(pipeline, footage);
    const shown = Array.from({ length: blocks }, (_, block) =>
      Array.from({ length: choices }, (_, i) => ({ sha256, startSeconds: block * choices + i })),
    );
    const batch = batchOf({ size: SIZE, blocks: shown, bedSha256: await put(pipeline, bed), virtual: true });
    const streamBefore = await streamSize(pipeline.nats.url);
    let playing: Promise<Played> | undefined;
    const processes = processesOf(pipeline);
    const samples = await followBatch(pipeline, batch, processes, signal, (batchId) => {
      playing = playSome(pipeline, batchId, signal);
      playing.catch(() => {}); // Handled below.
    });
    const ended = performance.now();
    const played = await playing;
    const last = samples.at(-1);
    const combinations = choices ** blocks;
    if (!played || last?.delivered !== combinations) throw new Error(`${last?.delivered} were delivered.`);
    await manifestWritten(pipeline, signal);
    const manifestSeconds = (performance.now() - ended) / 1000;
    const streamBytes = (await streamSize(pipeline.nats.url)) - streamBefore;
    return {
      millionCombinations: combinations,
      millionSeconds: last.seconds,
      millionPerSecond: combinations / last.seconds,
      millionSlowestPerSecond: slowestTenth(samples),
      millionManifestSeconds: manifestSeconds,
      millionFirstSeconds: played.firstSeconds,
      millionPlayed: played.videos,
      millionPlayedWhilePlanning: played.whilePlanning,
      millionPlayMs: median(played.videoSeconds) * 1000,
      millionPageMs: median(played.pageSeconds) * 1000,
      millionPageMaxMs: Math.max(...played.pageSeconds) * 1000,
      millionStreamMb: streamBytes / 1e6,
      millionStreamBytes: streamBytes / combinations,
      millionStoreMb: (await folderBytes(pipeline.store)) / 1e6,
      millionOutputMb: (await folderBytes(pipeline.out)) / 1e6,
      millionDatabaseMb: (await folderBytes(database)) / 1e6,
      ...ofEach("RssMb", (name) => peak(samples, name)),
      ...ofEach("RssGrowthMb", (name) => growth(samples, name)),
    };
  } finally {
    await pipeline.close();
  }
}

/** A batch is finished before its manifest is written. */
async function manifestWritten({ out }: Pipeline, signal: AbortSignal): Promise<void> {
  for (;;) {
    const names = await readdir(out, { recursive: true }).catch(() => []);
    if (names.some((name) => name.endsWith(".csv") && !name.includes(".polyreel"))) return;
    await sleep(POLL_MS, undefined, { signal });
  }
}

const processesOf = ({ services, nats }: Pipeline): Watched[] => [
  ...Object.values(services).map(({ name, child }) => ({ name, pid: child.pid ?? 0 })),
  { name: "nats", pid: nats.pid },
];
