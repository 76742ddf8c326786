import type { Failure } from "@polyreel/contract";

/** Combinations that cannot be made for the same reason. */
export interface FailureCount {
  readonly failure: Failure;
  readonly combinations: number;
}

/** Reasons contain times, so there may be as many as combinations: the rest is only part of the total. */
const MAX_DISTINCT = 10_000;

/** Why combinations cannot be made, grouped as reports of a batch group them. */
export class FailureCounts {
  readonly #counts = new Map<string, { failure: Failure; combinations: number }>();
  #failing = 0;

  /** Adds a number of combinations that fail for the same reason. */
  add(failure: Failure, combinations = 1): void {
    if (combinations === 0) return;
    this.#failing += combinations;
    this.#count(failure, combinations);
  }

  /** Adds a combination whose outputs fail, each for a reason of its own. */
  addOutputs(failures: readonly Failure[]): void {
    if (failures.length === 0) return;
    this.#failing++;
    for (const [key, failure] of new Map(failures.map((one) => [keyOf(one), one]))) this.#count(failure, 1, key);
  }

  /** Number of combinations that fail. */
  get failing(): number {
    return this.#failing;
  }

  /** Most frequent first. */
  get list(): readonly FailureCount[] {
    return [...this.#counts.values()].sort((one, other) => other.combinations - one.combinations);
  }

  #count(failure: Failure, combinations: number, key = keyOf(failure)): void {
    const known = this.#counts.get(key);
    if (known) known.combinations += combinations;
    else if (this.#counts.size < MAX_DISTINCT) this.#counts.set(key, { failure, combinations });
  }
}

/** Of an output with its setting: another output may fail for the same reason. */
const keyOf = ({ block, choice, field, reason, code }: Failure): string =>
  JSON.stringify([block, choice, field.startsWith("outputs[") && field, reason, code]);
