import type { Benchmark } from "../benchmark.js";
import type { Workshop } from "../workshop.js";
import { combinationsOf, makeGrid } from "./grid.js";
import { memoryFigures, peaks } from "./memory.js";
import { besideOneByOne } from "./one-by-one.js";
import { runAlone } from "./services.js";

export const batchOf1000: Benchmark = largeBatch("1000", { blocks: 3, virtual: false, goal: 70 });
/** Virtual: written, they would be some 150 GB. */
export const batchOf10000: Benchmark = largeBatch("10000", { blocks: 4, virtual: true, goal: 400 });

/** `blocks` of ten choices each, beside encoding every combination from its sources one after the other. */
function largeBatch(
  count: string,
  { blocks, virtual, goal }: { blocks: number; virtual: boolean; goal: number },
): Benchmark {
  const name = `endToEnd${count}`;
  const videos = Number(count).toLocaleString("en");
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
      const { sample, ...shape } = workshop.scale.large;
      const grid = await makeGrid(name, { ...shape, blocks }, workshop);
      const { signal } = workshop;
      const { ours, ...instead } = await besideOneByOne(grid, { sample, signal }, async (megabytes) => {
        if (!virtual) await workshop.requireDisk(combinationsOf(grid) * megabytes);
        return runAlone(grid, workshop, { virtual });
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
