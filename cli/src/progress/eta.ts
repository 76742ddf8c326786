/** Below this nothing sensible can be said. */
const MIN_FRACTION = 0.03;
const MIN_SECONDS = 1;

/** How long each stage still takes, from how far it came since it began. Keeps when each one began. */
export class Eta {
  readonly #began = new Map<string, { seconds: number; fraction: number }>();

  /** Seconds that are left; undefined while nothing sensible can be said. `now` in seconds, on any clock. */
  left(stage: string, fraction: number, now: number): number | undefined {
    const began = this.#began.get(stage);
    if (!began) {
      if (fraction > 0) this.#began.set(stage, { seconds: now, fraction });
      return undefined;
    }
    const came = fraction - began.fraction;
    const took = now - began.seconds;
    if (fraction >= 1 || came < MIN_FRACTION || took < MIN_SECONDS) return undefined;
    return (took * (1 - fraction)) / came;
  }
}
