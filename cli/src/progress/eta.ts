/** Below this progress and time an estimate would be meaningless. */
const MIN_FRACTION = 0.03;
const MIN_SECONDS = 3;
/** The rate is that of the last seconds: what was found in the store at the beginning tells nothing about the rest. */
const WINDOW_SECONDS = 30;
/** Time in which the shown time follows a changed rate most of the way: a share of the remaining time. */
const SETTLING_SHARE = 1 / 3;
const MIN_SETTLING_SECONDS = 1;
const MAX_SETTLING_SECONDS = 12;

interface Sample {
  readonly seconds: number;
  readonly fraction: number;
}

interface Stage {
  readonly samples: Sample[];
  shown: { readonly at: number; readonly left: number } | undefined;
}

/** Estimates the remaining time of each stage. The result counts down evenly, without jumps. */
export class Eta {
  readonly #stages = new Map<string, Stage>();

  /** Remaining seconds; undefined while there is too little progress. `now` in seconds, on any clock. */
  left(name: string, fraction: number, now: number): number | undefined {
    const stage = this.#stageOf(name);
    const estimate = estimated(stage.samples, fraction, now);
    stage.shown = estimate === undefined ? undefined : { at: now, left: settled(stage.shown, estimate, now) };
    return stage.shown?.left;
  }

  #stageOf(name: string): Stage {
    const stage = this.#stages.get(name) ?? { samples: [], shown: undefined };
    this.#stages.set(name, stage);
    return stage;
  }
}

/** By the rate since the beginning of the window. Adds a sample. */
function estimated(samples: Sample[], fraction: number, now: number): number | undefined {
  const last = samples.at(-1);
  if (fraction > 0 && (!last || now - last.seconds >= 1)) samples.push({ seconds: now, fraction });
  while (samples[1] && now - samples[1].seconds >= WINDOW_SECONDS) samples.shift();
  const [began] = samples;
  if (!began || fraction >= 1) return undefined;
  const progress = fraction - began.fraction;
  const elapsed = now - began.seconds;
  if (progress < MIN_FRACTION * (1 - began.fraction) || elapsed < MIN_SECONDS) return undefined;
  return (elapsed * (1 - fraction)) / progress;
}

/** The time shown before, less the time that passed, moved towards the new estimate. */
function settled(shown: Stage["shown"], estimate: number, now: number): number {
  if (!shown) return estimate;
  const passed = now - shown.at;
  const before = Math.max(0, shown.left - passed);
  const settling = Math.min(MAX_SETTLING_SECONDS, Math.max(MIN_SETTLING_SECONDS, estimate * SETTLING_SHARE));
  return before + (estimate - before) * (1 - Math.exp(-passed / settling));
}
