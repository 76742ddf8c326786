import type { Batch } from "@polyreel/contract";
import { type Mistake, SpecError } from "../mistake.js";
import { type Dimension, dimensionsOf, linkMistakes } from "./dimensions.js";
import { type Draw, drawnCount, drawOf } from "./draw.js";
import { rulesOf } from "./rule.js";
import { RuleMeter } from "./rule-meter.js";
import { type Space, spaceOf } from "./space.js";
import { locate, walk } from "./walk.js";
import { type Wave, type Waves, walkWave, waveOf } from "./waves.js";
import { inSlices, synchronously, type Work } from "./work.js";

/** A combination of a batch, as indices of choices. */
export interface Selected {
  /** Index of each block's choice. */
  readonly positions: readonly number[];
  /** Index of the canvas; 0 if there is one. */
  readonly canvas: number;
  /** Position among those that the batch makes, from 0. */
  readonly ordinal: number;
}

/** The combinations that a batch makes after links, rules, sample and earlier batches, in a stable order. */
export interface Selection {
  /**
   * Their number. Computed in slices without blocking the event loop; throws SpecError if a rule fails, and the
   * signal's reason when it aborts.
   */
  count(signal?: AbortSignal): Promise<number>;
  /** Makes the first step of `combinations()` cheap; also in slices. */
  prepare(signal?: AbortSignal): Promise<void>;
  /**
   * Iterates over all of them, from the start each time. Without `prepare`, the preparation runs synchronously at the
   * first step. A step takes well under a microsecond; long iterations should yield to the event loop. `waves`: only
   * those of a wave, found without scanning the others.
   */
  combinations(waves?: Waves): Generator<Selected>;
}

/** Mistakes in a normalised batch's links and rules, as far as they can be found without counting. */
export const selectionMistakes = (batch: Batch): Mistake[] => [
  ...linkMistakes(batch),
  ...rulesOf(batch, dimensionsOf(batch)).mistakes,
];

/**
 * The selection of a normalised batch. `earlier`: the samples that it continues, oldest first, also normalised; their
 * combinations are left out. `meter`: shared by several selections that together may cost no more than one. Throws
 * SpecError for invalid links or rules.
 */
export function selectionOf(batch: Batch, earlier: readonly Batch[] = [], meter = new RuleMeter()): Selection {
  const unequal = linkMistakes(batch);
  const dimensions = dimensionsOf(batch);
  const { rules, mistakes } = rulesOf(batch, dimensions, meter);
  const [first, ...others] = [...unequal, ...mistakes];
  if (first) throw new SpecError([first, ...others]);

  let space: Space | undefined;
  let draw: Draw | undefined;
  function* spaceWork(): Work<Space> {
    space ??= yield* spaceOf(dimensions, rules, meter);
    return space;
  }
  function* drawWork(): Work<Draw> {
    const all = yield* spaceWork();
    const sizes = dimensions.map(({ size }) => size);
    const draws: Draw[] = [];
    for (const { sample } of earlier) draws.push(yield* drawOf(all, sizes, sample, [...draws]));
    draw ??= yield* drawOf(all, sizes, batch.sample, draws);
    return draw;
  }
  return {
    async count(signal) {
      const { total } = await inSlices(spaceWork(), signal);
      const drawnBefore = earlier.reduce((sum, { sample }) => sum + drawnCount(total, sum, sample), 0);
      return drawnCount(total, drawnBefore, batch.sample);
    },
    async prepare(signal) {
      await inSlices(drawWork(), signal);
    },
    combinations: (waves) => {
      const [drawn, all] = [draw ?? synchronously(drawWork()), synchronously(spaceWork())];
      const make = makerOf(dimensions, batch.blocks.length);
      return waves ? ofWave(all, drawn, make, waveOf(dimensions, waves)) : combinations(dimensions, all, drawn, make);
    },
  };
}

type Make = (digits: readonly number[], ordinal: number) => Selected;

/** Converts digits of dimensions to indices of choices. */
function makerOf(dimensions: readonly Dimension[], blocks: number): Make {
  const place = new Array<number>(blocks).fill(0);
  for (const [position, dimension] of dimensions.entries()) {
    for (const block of dimension.blocks) place[block] = position;
  }
  const several = dimensions[0]?.blocks.length === 0;
  return (digits, ordinal) => {
    const positions = new Array<number>(blocks);
    for (let block = 0; block < blocks; block++) positions[block] = digits[place[block] ?? 0] ?? 0;
    return { positions, canvas: several ? (digits[0] ?? 0) : 0, ordinal };
  };
}

function* combinations(dimensions: readonly Dimension[], space: Space, draw: Draw, make: Make): Generator<Selected> {
  let ordinal = 0;
  if (draw.ordinals) {
    const digits = new Array<number>(dimensions.length).fill(0);
    for (const number of draw.ordinals) {
      locate(space, number, digits);
      yield make(digits, ordinal++);
    }
    return;
  }
  const whole = draw.count === space.total;
  let number = 0;
  for (const digits of walk(space, dimensions.length)) {
    if (whole || draw.has(number)) yield make(digits, ordinal++);
    number++;
  }
}

function* ofWave(space: Space, draw: Draw, make: Make, wave: Wave): Generator<Selected> {
  const isDrawn = (from: number, to: number) => draw.rank(to) > draw.rank(from);
  for (const { digits, number } of walkWave(space, wave, isDrawn)) yield make(digits, draw.rank(number));
}
