import type { Benchmark } from "../benchmark.js";
import type { Workshop } from "../workshop.js";
import { combinationsOf } from "./grid.js";
import { memoryFigures, peaks } from "./memory.js";
import { besideOneByOne } from "./one-by-one.js";
import { PREDICTED, predictedGrid, runPredicted } from "./predicted-batches.js";

export const batchOf1000: Benchmark = largeBatch(1000, { goal: 70 });
export const batchOf10000: Benchmark = largeBatch(10000, { goal: 400 });

/** Blocks of ten choices each, beside encoding every combination from its sources one after the other. */
function largeBatch(count: 1000 | 10000, { goal }: { goal: number }): Benchmark {
  const name = `endToEnd${count}`;
  const videos = count.toLocaleString("en");
  const { virtual } = PREDICTED[count];
  return {
    title: `a batch of ${videos}`,
    long: true,
    figures: {
      [name]: {
        goal: { atLeast: goal },
        unit: "x",
        about: `time of encoding ${videos} videos one by one, over the ${virtual ? "virtual " : ""}batch`,
      },
      [`${name}Seconds`]: { unit: "s", about: "from the submission to that batch's end" },
      [`${name}FirstSeconds`]: { unit: "s", about: "from the submission to its first video" },
      [`${name}InsteadSeconds`]: { unit: "s", about: `encoding ${videos} videos, from the sample` },
      [`${name}InsteadSampled`]: { unit: "", about: "videos in that sample" },
      [`${name}VideoMb`]: { unit: "MB", about: "size of one of them" },
      ...memoryFigures(name),
    },
    run: async (workshop: Workshop) => {
      const { sample } = workshop.scale.large;
      const grid = await predictedGrid(count, workshop);
      const { signal } = workshop;
      const { ours, ...instead } = await besideOneByOne(grid, { sample, signal }, async (megabytes) => {
        if (!virtual) await workshop.requireDisk(combinationsOf(grid) * megabytes);
        return runPredicted(count, grid, workshop);
      });
      return {
        [name]: instead.ratio,
        [`${name}Seconds`]: ours.wallSeconds,
        [`${name}FirstSeconds`]: ours.firstSeconds,
        [`${name}InsteadSeconds`]: instead.insteadSeconds,
        [`${name}InsteadSampled`]: instead.sampled,
        [`${name}VideoMb`]: instead.megabytes,
        ...peaks(name, ours.usages),
      };
    },
  };
}
