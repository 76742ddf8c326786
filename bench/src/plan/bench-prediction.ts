import { type Benchmark, type FigureAbout, LeftOut } from "../benchmark.js";
import { FORETOLD, type ForetoldCount, foretoldGrid, runForetold } from "../pipeline/foretold-batches.js";
import type { Workshop } from "../workshop.js";

const RIGHT = { within: 0.3 };

const COUNTS = Object.keys(FORETOLD).map((count) => Number(count) as ForetoldCount);

export const predictions: Benchmark = {
  title: "what estimates foretell",
  figures: Object.fromEntries(COUNTS.flatMap((count) => Object.entries(figuresOf(count)))),
  run: benchPredictions,
};

function figuresOf(count: ForetoldCount): Record<string, FigureAbout> {
  const of = `of the batch of ${count.toLocaleString("en")}, over what it was`;
  const figure = (about: string): FigureAbout => ({
    ...{ unit: "x", about: `${about} ${of}` },
    // Also if the disk has no room for its videos.
    ...(FORETOLD[count].long && { unless: "quick" }),
  });
  return {
    [`predictedEncode${count}`]: { ...figure("predicted encoding, in core seconds,"), goal: RIGHT },
    [`predictedStoreBytes${count}`]: { ...figure("predicted size of the parts"), goal: RIGHT },
    [`predictedOutputBytes${count}`]: { ...figure("predicted size of the videos"), goal: RIGHT },
    [`predictedSeconds${count}`]: figure("predicted time"),
  };
}

/**
 * Compares the estimates of this run's batches, each requested before the batch was made, with their actual costs. A
 * batch that was not made for another benchmark is made now.
 */
async function benchPredictions(workshop: Workshop) {
  const values: Record<string, number> = {};
  for (const count of COUNTS) {
    if (FORETOLD[count].long && workshop.scale.quick) continue;
    if (!workshop.foretelling.of(String(count))) await makeNow(count, workshop);
    const foretold = workshop.foretelling.of(String(count));
    if (!foretold) continue;
    values[`predictedEncode${count}`] = foretold.encode;
    values[`predictedStoreBytes${count}`] = foretold.storeBytes;
    values[`predictedOutputBytes${count}`] = foretold.outputBytes;
    values[`predictedSeconds${count}`] = foretold.wallSeconds;
  }
  return values;
}

async function makeNow(count: ForetoldCount, workshop: Workshop): Promise<void> {
  try {
    await runForetold(count, await foretoldGrid(count, workshop), workshop);
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error;
  }
}
