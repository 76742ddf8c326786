/** Below this fraction an estimate would be meaningless. */
const MIN_FRACTION = 0.03;
const MIN_SECONDS = 1;

/** Estimates the remaining time of each stage from its progress since it began. */
export class Eta {
  readonly #began = new Map<string, { seconds: number; fraction: number }>();

  /** Remaining seconds; undefined while there is too little progress. `now` in seconds, on any clock. */
  left(stage: string, fraction: number, now: number): number | undefined {
    const began = this.#began.get(stage);
    if (!began) {
      if (fraction > 0) this.#began.set(stage, { seconds: now, fraction });
      return undefined;
    }
    const progress = fraction - began.fraction;
    const elapsed = now - began.seconds;
    if (fraction >= 1 || progress < MIN_FRACTION || elapsed < MIN_SECONDS) return undefined;
    return (elapsed * (1 - fraction)) / progress;
  }
}
