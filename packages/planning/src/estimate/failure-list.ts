import type { Failure } from "@polyreel/contract";

const MAX_FAILURES = 50;

/** Why combinations can't be planned: each reason once, as many as one reads. */
export class FailureList {
  readonly #failures = new Map<string, Failure>();

  add(failure: Failure): void {
    if (this.#failures.size >= MAX_FAILURES) return;
    this.#failures.set(JSON.stringify([failure.block, failure.choice, failure.reason]), failure);
  }

  get list(): readonly Failure[] {
    return [...this.#failures.values()];
  }
}
