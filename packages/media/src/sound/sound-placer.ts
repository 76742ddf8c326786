import { CHANNELS, SAMPLE_RATE } from "./pcm.js";

/** What may stand between a frame and the one before without being a gap: rounding of containers' time stamps. */
const ROUNDING_SECONDS = 0.02;
/** No frame of sound is longer. */
const FRAME_SECONDS = 0.15;
/** As ffmpeg takes it for a new beginning: see restarts.ts. */
const FALL_SECONDS = 0.1;
const LEAP_SECONDS = 10;

export interface Placement {
  /** Of sample 0, in the time of the frames. */
  readonly zeroSeconds: number;
  /** Where time stamps start anew: by how much each further part is moved. */
  readonly restarts?: readonly number[] | undefined;
}

/** Interleaved samples, and where they belong. */
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
 * Puts frames of sound where their time stamps say: in order, with gaps where there are some, and nothing twice. Frames that
 * follow each other within rounding are one run, and stay together.
 *
 * A frame that fits neither the run before it nor the one after it is a stray: where MPEG audio changes its rate, ffmpeg 5
 * gives one whose time is out by the ratio of the rates. It belongs directly before what follows.
 */
export class SoundPlacer {
  #pending: Run | undefined;
  #endSeconds: number | undefined;
  #part = 0;
  /** Where the next sample of the run belongs, and the first one that nothing was placed at. */
  #next = 0;
  #written = 0;

  constructor(private readonly placement: Placement) {}

  /** @param values interleaved samples of one frame, the first one shown at `seconds` */
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

  /** Places what a run holds; the rest of it follows directly. */
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

  /** What lies before what was placed already (or before 0) is left out. */
  #append(values: Float32Array): PlacedSamples[] {
    const skipped = Math.min(values.length / CHANNELS, Math.max(0, this.#written - this.#next));
    const position = this.#next + skipped;
    this.#next += values.length / CHANNELS;
    if (skipped === values.length / CHANNELS) return [];
    this.#written = this.#next;
    return [{ position, values: values.subarray(skipped * CHANNELS) }];
  }
}
