import { type Benchmark, type FigureAbout, LeftOut } from "../benchmark.js";
import { PREDICTED, type PredictedCount, predictedGrid, runPredicted } from "../pipeline/predicted-batches.js";
import type { Workshop } from "../workshop.js";

const RIGHT = { within: 0.3 };

const COUNTS = Object.keys(PREDICTED).map((count) => Number(count) as PredictedCount);

export const predictions: Benchmark = {
  title: "accuracy of estimates",
  figures: Object.fromEntries(COUNTS.flatMap((count) => Object.entries(figuresOf(count)))),
  run: benchPredictions,
};

function figuresOf(count: PredictedCount): Record<string, FigureAbout> {
  const of = `of the batch of ${count.toLocaleString("en")}, over the actual one`;
  const figure = (about: string): FigureAbout => ({
    ...{ unit: "x", about: `${about} ${of}` },
    // Also if the disk has no room for its videos.
    ...(PREDICTED[count].long && { unless: "quick" }),
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
    if (PREDICTED[count].long && workshop.scale.quick) continue;
    if (!workshop.predictions.of(String(count))) await makeNow(count, workshop);
    const prediction = workshop.predictions.of(String(count));
    if (!prediction) continue;
    values[`predictedEncode${count}`] = prediction.encode;
    values[`predictedStoreBytes${count}`] = prediction.storeBytes;
    values[`predictedOutputBytes${count}`] = prediction.outputBytes;
    values[`predictedSeconds${count}`] = prediction.wallSeconds;
  }
  return values;
}

async function makeNow(count: PredictedCount, workshop: Workshop): Promise<void> {
  try {
    await runPredicted(count, await predictedGrid(count, workshop), workshop);
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error;
  }
}
