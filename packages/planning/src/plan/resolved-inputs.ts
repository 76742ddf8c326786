import type { SpokenWord } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";
import { type Need, needKey, type VoiceNeed } from "./needs.js";
import type { SourceNeed } from "./source-needs.js";

/** A source whose bytes are in the store. */
export interface KnownSource {
  readonly sha256: string;
  /** Of media. */
  readonly probe?: Probe;
}

/** An existing voice line. */
export interface KnownSpeech {
  /** Of its part. */
  readonly hash: string;
  /** What was spoken; by default the text of the need's recipe. */
  readonly text?: string;
  /** At 48 kHz. */
  readonly samples: number;
  /** Empty if the engine does not report them. */
  readonly words: readonly SpokenWord[];
  /** The words' times are estimates: those of a recording. */
  readonly wordsEstimated?: boolean;
  /** In which it is spoken (BCP 47), if that is known. */
  readonly language?: string;
}

type Known = KnownSource | KnownSpeech | PolyreelError;

/** What is known so far of the sources and voice lines that a batch needs. */
export interface Knowledge {
  /** Undefined: not known yet. */
  source(need: SourceNeed): KnownSource | PolyreelError | undefined;
  /** Undefined: not known yet. */
  speech(need: VoiceNeed): KnownSpeech | PolyreelError | undefined;
}

/**
 * Inputs that are resolved in waves. What was resolved since the last wave counts from the next one on, so that every
 * combination belongs to exactly one wave: the latest of its needs'. A wave plans only its own combinations (see
 * `Waves`), and no list of combinations is kept, however many there are.
 */
export class ResolvedInputs implements Knowledge {
  readonly #known = new Map<string, { wave: number; value: Known }>();
  #wave = 0;
  #hasNews = false;
  #wake: () => void = () => {};

  get wave(): number {
    return this.#wave;
  }

  /** Records the first result for a need; it counts from the next wave on. */
  learn(need: Need, value: Known): void {
    const key = needKey(need);
    if (this.#known.has(key)) return;
    this.#known.set(key, { wave: this.#wave + 1, value });
    this.#hasNews = true;
    this.#wake();
  }

  /** Starts the next wave. */
  nextWave(): void {
    this.#wave++;
    this.#hasNews = false;
  }

  /** Resolves when there are new results. */
  async news(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#hasNews) return;
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      this.#wake = () => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
    });
  }

  /** The wave from which on all of these needs are known; undefined while one of them is not. */
  waveOf(needs: Iterable<Need>): number | undefined {
    let latest = 1;
    for (const need of needs) {
      const known = this.#known.get(needKey(need));
      if (!known || known.wave > this.#wave) return undefined;
      latest = Math.max(latest, known.wave);
    }
    return latest;
  }

  source(need: SourceNeed): KnownSource | PolyreelError | undefined {
    return this.#known.get(needKey(need))?.value as KnownSource | PolyreelError | undefined;
  }

  speech(need: VoiceNeed): KnownSpeech | PolyreelError | undefined {
    return this.#known.get(needKey(need))?.value as KnownSpeech | PolyreelError | undefined;
  }
}

/** Returns a known value; throws a known error. Asking for an unknown one is a bug. */
export function known<T>(value: T | PolyreelError | undefined): T {
  if (value instanceof PolyreelError) throw value;
  if (value === undefined)
    throw new PolyreelError("internal", "A combination was planned before its inputs were known.");
  return value;
}
