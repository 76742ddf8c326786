/** Steps that counting may take, each some five microseconds: what would take more is drawn instead. */
const STEPS = 150_000;
const STEPS_A_TURN = 500;

/** Thrown where counting is no shorter than making the combinations. */
export class TooEntangled extends Error {}

/** Counts the steps of some work, which gives others a turn where `isTurn` says so. */
export class Budget {
  #spent = 0;
  #turn = 0;

  /** Whether others should get a turn. Throws TooEntangled. */
  spend(steps = 1): boolean {
    this.#spent += steps;
    if (this.#spent > STEPS) throw new TooEntangled();
    const turn = Math.floor(this.#spent / STEPS_A_TURN);
    const isNew = turn > this.#turn;
    this.#turn = turn;
    return isNew;
  }
}
