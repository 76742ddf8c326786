import type { Failure } from "@polyreel/contract";

const MAX_FAILURES = 50;

/** Why combinations cannot be planned: distinct reasons, up to a readable number. */
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
