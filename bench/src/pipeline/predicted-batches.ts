import type { Scale } from "../scale.js";
import type { Workshop } from "../workshop.js";
import { type Grid, type GridShape, makeGrid } from "./grid.js";
import { type BatchRun, type Services, startServices } from "./services.js";

/** A batch that is estimated before it is made. */
interface PredictedBatch {
  readonly shape: (scale: Scale) => GridShape;
  /** Outputs are virtual. */
  readonly virtual: boolean;
  /** Takes too long for quick runs. */
  readonly long: boolean;
}

const blocksOfTen = (scale: Scale, blocks: number): GridShape => {
  const { sample: _, ...shape } = scale.large;
  return { ...shape, blocks };
};

/** By their numbers of videos. */
export const PREDICTED = {
  27: { shape: ({ batch: { sample: _, ...shape } }) => shape, virtual: false, long: false },
  1000: { shape: (scale) => blocksOfTen(scale, 3), virtual: false, long: true },
  /** Written, they would be about 190 GB. */
  10000: { shape: (scale) => blocksOfTen(scale, 4), virtual: true, long: true },
} as const satisfies Record<number, PredictedBatch>;

export type PredictedCount = keyof typeof PREDICTED;

export const predictedGrid = (count: PredictedCount, workshop: Workshop): Promise<Grid> =>
  makeGrid(`batch-of-${count}`, PREDICTED[count].shape(workshop.scale), workshop);

/**
 * Makes the batch with separate services, which have ended when this resolves, with their files removed. They know
 * earlier measurements of this machine, at least those of a small batch of other clips.
 */
export async function runPredicted(
  count: PredictedCount,
  grid: Grid,
  workshop: Workshop,
): Promise<BatchRun & Pick<Services, "startSeconds">> {
  if (!workshop.predictions.hasMeasurements) await calibrate(workshop);
  await using services = await startServices(workshop);
  const run = await services.run(grid, { virtual: PREDICTED[count].virtual, prediction: String(count) });
  return { startSeconds: services.startSeconds, ...run };
}

/** Makes four clips, as long and as large as those of the batch of 27, and a soundtrack. */
async function calibrate(workshop: Workshop): Promise<void> {
  const grid = await makeGrid(
    "calibration",
    { ...PREDICTED[27].shape(workshop.scale), blocks: 1, choices: 4 },
    workshop,
  );
  await using services = await startServices(workshop);
  await services.calibrate(grid, { parts: 5 });
}
