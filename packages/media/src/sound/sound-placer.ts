import { CHANNELS, SAMPLE_RATE } from "./pcm.js";

/** Distance between frames that does not count as a gap: rounding of container timestamps. */
const ROUNDING_SECONDS = 0.02;
/** No audio frame is longer. */
const FRAME_SECONDS = 0.15;
/** A decrease that ffmpeg treats as a restart: see restarts.ts. */
const FALL_SECONDS = 0.1;
const LEAP_SECONDS = 10;

export interface Placement {
  /** Time of sample 0, on the clock of the frames. */
  readonly zeroSeconds: number;
  /** If timestamps restart: the offset of each further part. */
  readonly restarts?: readonly number[] | undefined;
}

/** Interleaved samples, and their position. */
export interface PlacedSamples {
  readonly position: number;
  readonly values: Float32Array;
}

interface Run {
  startSeconds: number;
  samples: number;
  pieces: Float32Array[];
}

/**
 * Places audio frames by their timestamps: in order, with gaps, and without duplicates. Frames that are adjacent within
 * rounding form a run, and stay together.
 *
 * A frame that fits neither the run before it nor the one after it is a stray: where MPEG audio changes its rate,
 * ffmpeg 5 emits one whose time is off by the ratio of the rates. It belongs directly before what follows.
 */
export class SoundPlacer {
  #pending: Run | undefined;
  #endSeconds: number | undefined;
  #part = 0;
  /** Position of the run's next sample, and the first free position. */
  #next = 0;
  #written = 0;

  constructor(private readonly placement: Placement) {}

  /** @param values interleaved samples of one frame, the first one at `seconds` */
  push(seconds: number, values: Float32Array): PlacedSamples[] {
    const run = this.#pending;
    const samples = values.length / CHANNELS;
    const placed: PlacedSamples[] = [];
    if (!run) this.#pending = { startSeconds: seconds, samples, pieces: [values] };
    else if (Math.abs(seconds - run.startSeconds - run.samples / SAMPLE_RATE) <= ROUNDING_SECONDS) {
      run.samples += samples;
      run.pieces.push(values);
    } else {
      if (run.samples < FRAME_SECONDS * SAMPLE_RATE) run.startSeconds = seconds - run.samples / SAMPLE_RATE;
      placed.push(...this.#place(run));
      this.#pending = { startSeconds: seconds, samples, pieces: [values] };
    }
    const long = this.#pending as Run;
    // A run that is no stray need not be held back.
    if (long.samples >= FRAME_SECONDS * SAMPLE_RATE && long.pieces.length > 0) placed.push(...this.#place(long));
    return placed;
  }

  finish(): PlacedSamples[] {
    return this.#pending ? this.#place(this.#pending) : [];
  }

  /** Places a run's samples; the rest of it follows directly. */
  #place(run: Run): PlacedSamples[] {
    const held = run.pieces.reduce((sum, piece) => sum + piece.length / CHANNELS, 0);
    const begins = held === run.samples;
    if (begins) this.#begin(run.startSeconds);
    const placed: PlacedSamples[] = [];
    for (const piece of run.pieces) placed.push(...this.#append(piece));
    run.pieces = [];
    this.#endSeconds = run.startSeconds + run.samples / SAMPLE_RATE;
    return placed;
  }

  #begin(startSeconds: number): void {
    const { zeroSeconds, restarts } = this.placement;
    const end = this.#endSeconds;
    const leaps = end !== undefined && (startSeconds < end - FALL_SECONDS || startSeconds > end + LEAP_SECONDS);
    if (restarts && leaps) this.#part++;
    const moved = startSeconds + (restarts?.[this.#part - 1] ?? 0) - zeroSeconds;
    this.#next = Math.round(moved * SAMPLE_RATE);
  }

  /** Drops what lies before samples placed already (or before 0). */
  #append(values: Float32Array): PlacedSamples[] {
    const skipped = Math.min(values.length / CHANNELS, Math.max(0, this.#written - this.#next));
    const position = this.#next + skipped;
    this.#next += values.length / CHANNELS;
    if (skipped === values.length / CHANNELS) return [];
    this.#written = this.#next;
    return [{ position, values: values.subarray(skipped * CHANNELS) }];
  }
}
