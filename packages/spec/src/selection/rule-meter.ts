/** Limit for the steps of one evaluation of a rule: about 10 ms. */
export const MAX_STEPS_AT_ONCE = 100_000;
/** Limit for all evaluations of a batch's rules together: about two seconds. */
const MAX_STEPS = 10_000_000;

/** Thrown through the evaluator when a rule has used up its steps. */
class OutOfSteps extends Error {
  override readonly name = "OutOfSteps";
}

/**
 * Counts the cost of evaluating rules in steps: an iteration of a macro, an element of a list or 16 characters of a
 * text take about one each, calling a function two; a step is 0.1 to 0.2 microseconds. With a time limit the same batch
 * would pass on one machine and fail on another.
 */
export class RuleMeter {
  #spent = 0;
  #limit = 0;

  /** `most`: limit for all evaluations together. */
  constructor(readonly maxSteps = MAX_STEPS) {}

  /** Steps of all evaluations so far. */
  get spent(): number {
    return this.#spent;
  }

  /** Whether the last evaluation was aborted. */
  get wasExceeded(): boolean {
    return this.#spent > this.#limit;
  }

  /** Whether the steps of all evaluations are used up. */
  get isEmpty(): boolean {
    return this.#spent > this.maxSteps;
  }

  /** Starts an evaluation that takes at least this many steps. */
  begin(steps: number): void {
    this.#limit = Math.min(this.maxSteps, this.#spent + MAX_STEPS_AT_ONCE);
    this.#spent += steps;
  }

  /** Throws OutOfSteps if the limit is exceeded. Called before the work is done. */
  charge(steps: number): void {
    this.#spent = Math.min(this.#spent + steps, this.#limit + 1);
    if (this.wasExceeded) throw new OutOfSteps();
  }
}
