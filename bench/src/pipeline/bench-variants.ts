import type { Benchmark } from "../benchmark.js";
import type { Workshop } from "../workshop.js";
import { type GridShape, makeGrid } from "./grid.js";
import { besideOneByOne } from "./one-by-one.js";
import { startServices } from "./services.js";

export const otherBatchesOf27: Benchmark = {
  title: "batches of 27 with sound kept, and of unequal lengths",
  figures: {
    endToEnd27KeptSound: { unit: "x", about: "the same, clip sound kept: every video has its own soundtrack" },
    endToEnd27KeptSoundSeconds: { unit: "s", about: "from the submission to that batch's end" },
    endToEnd27Unequal: { unit: "x", about: "the same, clips of three lengths" },
    endToEnd27UnequalSeconds: { unit: "s", about: "from the submission to that batch's end" },
  },
  run: benchVariants,
};

/** With the same total as equal ones. */
const UNEQUAL = [0.6, 1, 1.4];

/** Batches of 27 that share less: a distinct soundtrack for every combination, or one for each total length. */
async function benchVariants(workshop: Workshop) {
  const { sample, ...equal } = workshop.scale.variants;
  await using services = await startServices(workshop);
  const compare = async (name: string, shape: GridShape, sample: number) => {
    const grid = await makeGrid(name, shape, workshop);
    return await besideOneByOne(grid, { sample, signal: workshop.signal }, () => services.run(grid));
  };
  const kept = await compare("kept-sound", { ...equal, keepSound: true }, sample);
  const unequal = await compare("unequal", { ...equal, lengths: UNEQUAL }, UNEQUAL.length);
  return {
    endToEnd27KeptSound: kept.ratio,
    endToEnd27KeptSoundSeconds: kept.ours.wallSeconds,
    endToEnd27Unequal: unequal.ratio,
    endToEnd27UnequalSeconds: unequal.ours.wallSeconds,
  };
}
