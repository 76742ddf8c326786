/** Limit for the steps of counting, about five microseconds each: beyond it the batch is sampled instead. */
const STEPS = 150_000;
const STEPS_A_TURN = 500;

/** Thrown if counting would take as long as planning the combinations. */
export class TooEntangled extends Error {}

/** Counts the steps of some work, which yields to the event loop when `isTurn` returns true. */
export class Budget {
  #spent = 0;
  #turn = 0;

  /** Whether to yield now. Throws TooEntangled. */
  spend(steps = 1): boolean {
    this.#spent += steps;
    if (this.#spent > STEPS) throw new TooEntangled();
    const turn = Math.floor(this.#spent / STEPS_A_TURN);
    const isNew = turn > this.#turn;
    this.#turn = turn;
    return isNew;
  }
}
