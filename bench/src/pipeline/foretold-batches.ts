import type { Scale } from "../scale.js";
import type { Workshop } from "../workshop.js";
import { type Grid, type GridShape, makeGrid } from "./grid.js";
import { type BatchRun, type Services, startServices } from "./services.js";

/** A batch that an estimate is asked about before it is made. */
interface ForetoldBatch {
  readonly shape: (scale: Scale) => GridShape;
  /** Nothing of its outputs is written. */
  readonly virtual: boolean;
  /** Takes too long for quick runs. */
  readonly long: boolean;
}

const blocksOfTen = (scale: Scale, blocks: number): GridShape => {
  const { sample: _, ...shape } = scale.large;
  return { ...shape, blocks };
};

/** By their numbers of videos. */
export const FORETOLD = {
  27: { shape: ({ batch: { sample: _, ...shape } }) => shape, virtual: false, long: false },
  1000: { shape: (scale) => blocksOfTen(scale, 3), virtual: false, long: true },
  /** Written, they would be some 190 GB. */
  10000: { shape: (scale) => blocksOfTen(scale, 4), virtual: true, long: true },
} as const satisfies Record<number, ForetoldBatch>;

export type ForetoldCount = keyof typeof FORETOLD;

export const foretoldGrid = (count: ForetoldCount, workshop: Workshop): Promise<Grid> =>
  makeGrid(`batch-of-${count}`, FORETOLD[count].shape(workshop.scale), workshop);

/**
 * Makes the batch with services of its own, which have ended by the time this resolves: nothing of it lies on the disk then.
 * They know what this machine measured before, at least what a small batch of other clips took.
 */
export async function runForetold(
  count: ForetoldCount,
  grid: Grid,
  workshop: Workshop,
): Promise<BatchRun & Pick<Services, "startSeconds">> {
  if (!workshop.foretelling.hasLearnt) await learn(workshop);
  await using services = await startServices(workshop);
  const run = await services.run(grid, { virtual: FORETOLD[count].virtual, foretold: String(count) });
  return { startSeconds: services.startSeconds, ...run };
}

/** Has four clips made, as long and as large as those of the batch of 27, and a soundtrack. */
async function learn(workshop: Workshop): Promise<void> {
  const grid = await makeGrid("learnt", { ...FORETOLD[27].shape(workshop.scale), blocks: 1, choices: 4 }, workshop);
  await using services = await startServices(workshop);
  await services.learn(grid, { parts: 5 });
}
