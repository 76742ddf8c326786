import type { Batch } from "@polyreel/contract";
import { type Mistake, SpecError } from "../mistake.js";
import { type Dimension, dimensionsOf, linkMistakes } from "./dimensions.js";
import { type Draw, drawnCount, drawOf } from "./draw.js";
import { rulesOf } from "./rule.js";
import { RuleMeter } from "./rule-meter.js";
import { type Space, spaceOf } from "./space.js";
import { locate, walk } from "./walk.js";
import { type Wave, type Waves, walkWave, waveOf } from "./waves.js";
import { atOnce, inTurns, type Work } from "./work.js";

/** A combination of a batch, as positions. */
export interface Selected {
  /** Of each block's choice. */
  readonly positions: readonly number[];
  /** Of the canvas among several; 0 where there is one. */
  readonly canvas: number;
  /** Among those that the batch makes, from 0. */
  readonly ordinal: number;
}

/** The combinations that a batch makes: those that its links, rules, sample and earlier batches leave, in a stable order. */
export interface Selection {
  /**
   * How many. Finds it out in turns, so that nothing else waits; throws SpecError where a rule can't be worked out, and
   * the signal's reason once it aborts.
   */
  count(signal?: AbortSignal): Promise<number>;
  /** Makes `combinations()` cheap from its first step on; also in turns. */
  prepare(signal?: AbortSignal): Promise<void>;
  /**
   * All of them, each time anew. What was not prepared is done in one go, at the first step. A step takes well under a
   * microsecond; whoever takes many gives others a turn now and then. `waves`: only those of a wave, found without passing
   * over the others.
   */
  combinations(waves?: Waves): Generator<Selected>;
}

/** What is wrong with a normalised batch's links and rules, as far as it can be told without counting. */
export const selectionMistakes = (batch: Batch): Mistake[] => [
  ...linkMistakes(batch),
  ...rulesOf(batch, dimensionsOf(batch)).mistakes,
];

/**
 * The selection of a normalised batch. `earlier`: the samples that it continues, the oldest first, each normalised too;
 * what they made is left out. `meter`: of several selections that may cost no more than one. Throws SpecError where links or
 * rules are wrong.
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
    const { total } = yield* spaceWork();
    const draws: Draw[] = [];
    for (const { sample } of earlier) draws.push(yield* drawOf(total, sample, [...draws]));
    draw ??= yield* drawOf(total, batch.sample, draws);
    return draw;
  }
  return {
    async count(signal) {
      const { total } = await inTurns(spaceWork(), signal);
      const gone = earlier.reduce((sum, { sample }) => sum + drawnCount(total, sum, sample), 0);
      return drawnCount(total, gone, batch.sample);
    },
    async prepare(signal) {
      await inTurns(drawWork(), signal);
    },
    combinations: (waves) => {
      const [drawn, all] = [draw ?? atOnce(drawWork()), atOnce(spaceWork())];
      const make = makerOf(dimensions, batch.blocks.length);
      return waves ? ofWave(all, drawn, make, waveOf(dimensions, waves)) : combinations(dimensions, all, drawn, make);
    },
  };
}

type Make = (digits: readonly number[], ordinal: number) => Selected;

/** Digits of dimensions as positions of blocks. */
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
