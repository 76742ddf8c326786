import { type LoopReader, openLoop } from "./looping.js";
import { HOP_SAMPLES } from "./loudness.js";
import { CHANNELS, type PcmFile } from "./pcm.js";
import { steadyGain, type Track, trackGains } from "./timeline.js";

/** 100 ms of a mix: short enough to keep the event loop responsive. */
export interface MixedPiece {
  /** Interleaved, in memory that the next piece overwrites. The last piece may be shorter. */
  readonly values: Float32Array;
  /**
   * Power of the sum relative to the sum of the powers: about 1 for uncorrelated sounds, more if they add up (one
   * recording as clip and as bed), less if they cancel out.
   */
  readonly interference: number;
}

/**
 * The sum of all tracks with their gains, `samples` long. A track's input is read from the file at its event's index.
 * Every sound is placed exactly at its sample, loops included.
 *
 * Done here rather than in an ffmpeg graph: gains change smoothly from sample to sample (the volume filter evaluates
 * them once a frame), and amix never ends with an endless input.
 */
export async function* mixTracks(
  tracks: readonly Track[],
  files: readonly PcmFile[],
  samples: number,
  signal: AbortSignal,
): AsyncGenerator<MixedPiece> {
  const players = await Promise.all(tracks.map((track) => openPlayer(track, files[track.event] as PcmFile)));
  const piece = new Float32Array(HOP_SAMPLES * CHANNELS);
  for (let start = 0; start < samples; start += HOP_SAMPLES) {
    signal.throwIfAborted();
    const values = piece.subarray(0, Math.min(HOP_SAMPLES, samples - start) * CHANNELS).fill(0);
    let energies = 0;
    for (const player of players) energies += await addTrack(values, start, player);
    yield { values, interference: energies > 0 ? energyOf(values) / energies : 1 };
  }
}

/** A track and its sound, by positions counted from where it becomes audible. */
interface Player {
  readonly track: Track;
  readonly read: LoopReader;
}

async function openPlayer(track: Track, file: PcmFile): Promise<Player> {
  const { audible, input } = track;
  const returns = audible.to - audible.from > input.to - input.from;
  return { track, read: returns ? await openLoop(file, input) : (at, count) => file.read(input.from + at, count) };
}

/** Adds a track to the piece of the timeline that begins at sample `start`; returns its energy. */
async function addTrack(mix: Float32Array, start: number, { track, read }: Player): Promise<number> {
  const from = Math.max(start, track.audible.from);
  const to = Math.min(start + mix.length / CHANNELS, track.audible.to);
  if (from >= to) return 0;
  const steady = steadyGain(track, from, to);
  const gains = steady === undefined ? trackGains(track, from, to - from) : undefined;
  let energy = 0;
  for (let at = from; at < to; ) {
    const values = await read(at - track.audible.from, to - at);
    const into = (at - start) * CHANNELS;
    energy += gains ? addChanging(mix, into, values, gains, at - from) : addSteady(mix, into, values, steady ?? 0);
    at += values.length / CHANNELS;
  }
  return energy;
}

/** Adds values times one gain to the mix from position `into`; returns their energy. */
function addSteady(mix: Float32Array, into: number, values: Float32Array, gain: number): number {
  let lefts = 0;
  let rights = 0;
  for (let i = 0; i < values.length; i += CHANNELS) {
    const left = gain * (values[i] as number);
    const right = gain * (values[i + 1] as number);
    (mix[into + i] as number) += left;
    (mix[into + i + 1] as number) += right;
    lefts += left * left;
    rights += right * right;
  }
  return lefts + rights;
}

/** The same with a gain per sample, from `firstGain` on. */
function addChanging(
  mix: Float32Array,
  into: number,
  values: Float32Array,
  gains: Float32Array,
  firstGain: number,
): number {
  let energy = 0;
  for (let i = 0, sample = firstGain; i < values.length; i += CHANNELS, sample++) {
    const gain = gains[sample] as number;
    const left = gain * (values[i] as number);
    const right = gain * (values[i + 1] as number);
    (mix[into + i] as number) += left;
    (mix[into + i + 1] as number) += right;
    energy += left * left + right * right;
  }
  return energy;
}

function energyOf(values: Float32Array): number {
  let even = 0;
  let odd = 0;
  for (let i = 0; i < values.length; i += 2) {
    even += (values[i] as number) ** 2;
    odd += (values[i + 1] as number) ** 2;
  }
  return even + odd;
}
