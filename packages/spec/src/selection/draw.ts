import { type Sample, SampleMethod } from "@polyreel/contract";
import { SpecError } from "../mistake.js";
import { balancedOrder } from "./balanced-order.js";
import { MAX_PERMUTED, permutationOf } from "./permutation.js";
import type { Space } from "./space.js";
import type { Work } from "./work.js";

/** Some of a space's combinations, by their numbers in it. */
export interface Draw {
  readonly count: number;
  has(ordinal: number): boolean;
  /** How many of them precede a number; for a drawn number, its position. */
  rank(ordinal: number): number;
  /** The numbers, ascending; undefined for all of the space except those drawn before. */
  readonly ordinals: Float64Array | undefined;
}

/** Numbers drawn at random per slice: about a millisecond. */
const DRAWN_A_TURN = 2_000;

/**
 * The number that a sample draws from a space of this size, of which `gone` are drawn already. Throws SpecError if the
 * space is too large to draw from.
 */
export function drawnCount(size: number, drawnBefore: number, sample: Sample | undefined): number {
  if (sample && size > MAX_PERMUTED) throw tooLarge();
  return sample ? Math.min(Number(sample.count), size - drawnBefore) : size - drawnBefore;
}

/**
 * Draws from those combinations of a space that no earlier draw has. Seed and method define an order of the whole space;
 * the first remaining ones are drawn. So the same seed draws the same, and a larger count only adds. `sizes`: of the
 * space's dimensions.
 */
export function* drawOf(
  space: Space,
  sizes: readonly number[],
  sample: Sample | undefined,
  earlier: readonly Draw[],
): Work<Draw> {
  const { total: size } = space;
  const drawnBefore = earlier.reduce((sum, { count }) => sum + count, 0);
  const count = drawnCount(size, drawnBefore, sample);
  if (!sample || count === size - drawnBefore) {
    const isGone = (ordinal: number) => earlier.some((draw) => draw.has(ordinal));
    const rank = (ordinal: number) => earlier.reduce((rest, draw) => rest - draw.rank(ordinal), ordinal);
    return { count, has: (ordinal) => !isGone(ordinal), rank, ordinals: undefined };
  }

  const ordinals = new Float64Array(count);
  let drawn = 0;
  const isBalanced = sample.method === SampleMethod.BALANCED;
  // Since combinations are left, each earlier draw has numbers.
  const gone = earlier.flatMap((draw) => (draw.ordinals ? [draw.ordinals] : []));
  const balanced = isBalanced ? balancedOrder(space, sizes, sample.seed, gone) : undefined;
  while (balanced && drawn < Math.min(count, balanced.length)) {
    yield;
    ordinals[drawn++] = balanced.next();
  }
  const isDrawn = balanced?.has ?? ((ordinal: number) => earlier.some((draw) => draw.has(ordinal)));
  const order = permutationOf(size, sample.seed);
  for (let place = 0; drawn < count; place++) {
    if (place % DRAWN_A_TURN === 0) yield;
    const ordinal = order(place);
    if (!isDrawn(ordinal)) ordinals[drawn++] = ordinal;
  }
  ordinals.sort();
  const rank = (ordinal: number) => countBelow(ordinals, ordinal);
  return { count, has: (ordinal) => ordinals[rank(ordinal)] === ordinal, rank, ordinals };
}

/** How many of ascending numbers are below one. */
function countBelow(ascending: Float64Array, wanted: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

const tooLarge = (): SpecError =>
  new SpecError([
    {
      field: "sample",
      reason: "The blocks make more combinations than a sample can be drawn from, which is 4,503,599,627,370,496.",
      remedy: "Take choices or blocks out, or split the batch.",
    },
  ]);
