import { availableParallelism } from "node:os";
import { encodeClip } from "@polyreel/media/clip";
import pLimit from "p-limit";
import type { Benchmark } from "../benchmark.js";
import { measure } from "../measure/measure.js";
import { clipRecipe } from "../media/clips.js";
import type { Workshop } from "../workshop.js";
import type { Grid } from "./grid.js";
import { memoryFigures, peaks } from "./memory.js";
import { besideOneByOne } from "./one-by-one.js";
import { predictedGrid, runPredicted } from "./predicted-batches.js";

export const batchOf27: Benchmark = {
  title: "a batch of 27",
  figures: {
    firstVideo: { goal: { atMost: 1.3 }, unit: "x", about: "time to the first video, over encoding just its clips" },
    endToEnd27: { goal: { atLeast: 8 }, unit: "x", about: "time of encoding 27 videos one by one, over the batch" },
    firstVideoSeconds: { unit: "s", about: "from the submission to the first video" },
    firstVideoClipsSeconds: { unit: "s", about: "encoding just its clips" },
    endToEnd27Seconds: { unit: "s", about: "from the submission to the batch's end" },
    endToEnd27InsteadSeconds: { unit: "s", about: "encoding 27 videos, from the sample" },
    endToEnd27InsteadSampled: { unit: "", about: "videos in that sample" },
    servicesStartSeconds: { unit: "s", about: "start of all services, not counted" },
    ...memoryFigures("endToEnd27"),
  },
  run: benchBatch,
};

/**
 * A batch of 27 through all services, from the submission to its end, beside encoding each combination from its sources
 * with one command, one after the other.
 */
async function benchBatch(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { sample, clipSeconds } = scale.batch;
  const grid = await predictedGrid(27, workshop);
  const { ours, insteadSeconds, sampled, ratio } = await besideOneByOne(grid, { sample, signal }, () =>
    runPredicted(27, grid, workshop),
  );
  const itsClips = await encodeFirstClips(grid, clipSeconds, signal);
  return {
    endToEnd27: ratio,
    firstVideo: ours.firstSeconds / itsClips.wallSeconds,
    endToEnd27Seconds: ours.wallSeconds,
    endToEnd27InsteadSeconds: insteadSeconds,
    endToEnd27InsteadSampled: sampled,
    firstVideoSeconds: ours.firstSeconds,
    firstVideoClipsSeconds: itsClips.wallSeconds,
    servicesStartSeconds: ours.startSeconds,
    ...peaks("endToEnd27", ours.usages),
  };
}

/**
 * The clips of the first combination, which has the first choice of every block: as many concurrently as there are
 * cores.
 */
function encodeFirstClips({ footage, folder, size }: Grid, clipSeconds: number, signal: AbortSignal) {
  const atOnce = pLimit(availableParallelism());
  const recipe = clipRecipe(size, clipSeconds);
  const first = footage.map(([path = ""]) => path);
  return measure(() =>
    Promise.all(first.map((sourcePath) => atOnce(() => encodeClip(recipe, { sourcePath, signal, tempDir: folder })))),
  );
}
