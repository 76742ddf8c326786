import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { put } from "@polyreel/tests/testing/media.js";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import type { Benchmark } from "../benchmark.js";
import { batchOf } from "../pipeline/batch.js";
import { deliver } from "../pipeline/deliver.js";
import { type Grid, makeGrid } from "../pipeline/grid.js";
import { putAll } from "../pipeline/services.js";
import type { Workshop } from "../workshop.js";

export const predictions: Benchmark = {
  title: "what an estimate foretells of a batch of 27",
  figures: {
    estimateErrorSeconds: { goal: { atMost: 0.3 }, unit: "x", about: "how far off the time was that was foretold" },
    estimateErrorBytes: { goal: { atMost: 0.3 }, unit: "x", about: "how far off the bytes were" },
    estimatedSeconds: { unit: "s", about: "time foretold of a batch of 27" },
    estimatedAgainstSeconds: { unit: "s", about: "time that it took" },
    estimatedMegabytes: { unit: "MB", about: "size foretold of its videos" },
    estimatedAgainstMegabytes: { unit: "MB", about: "size that they came to" },
  },
  run: benchPrediction,
};

/** Of the batch that is learnt from: other clips, as long. */
const LEARNT = { blocks: 1, choices: 4 };
/** By then services have written what parts took. */
const WRITTEN_AFTER_MS = 4_000;

/** Estimates the batch of 27 by what a batch of four other clips took, makes it, and compares. */
async function benchPrediction(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { sample: _, ...shape } = scale.batch;
  const learnt = await makeGrid("learnt", { ...shape, ...LEARNT }, workshop);
  const grid = await makeGrid("foretold", shape, workshop);
  await using pipeline = await workshop.pipeline();
  await deliver(pipeline, await batchFrom(pipeline, learnt), signal);
  await sleep(WRITTEN_AFTER_MS, undefined, { signal });

  const batch = await batchFrom(pipeline, grid);
  const estimate = await pipeline.batches.estimateBatch({ batch }, { signal });
  const before = await videoBytes(pipeline.out);
  const { wallSeconds } = await deliver(pipeline, batch, signal);
  const bytes = (await videoBytes(pipeline.out)) - before;
  const foretold = { seconds: estimate.predictedSeconds, bytes: Number(estimate.outputBytes) };
  return {
    estimateErrorSeconds: Math.abs(foretold.seconds / wallSeconds - 1),
    estimateErrorBytes: Math.abs(foretold.bytes / bytes - 1),
    estimatedSeconds: foretold.seconds,
    estimatedAgainstSeconds: wallSeconds,
    estimatedMegabytes: foretold.bytes / 1e6,
    estimatedAgainstMegabytes: bytes / 1e6,
  };
}

async function batchFrom(pipeline: Pipeline, grid: Grid) {
  const { size, keepSound } = grid;
  return batchOf({ size, keepSound, blocks: await putAll(pipeline, grid), bedSha256: await put(pipeline, grid.bed) });
}

async function videoBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const videos = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".mp4"));
  const sizes = await Promise.all(
    videos.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
