import { type Waveform, WaveformFormat } from "@polyreel/contract";
import { type PolyreelError, sourceError } from "@polyreel/platform";
import type { AudioProbe, Probe } from "../../probe/parse.js";
import { soundTrack } from "../../probe/require.js";
import { SAMPLE_RATE } from "../../sound/pcm.js";
import type { PeakSettings } from "./peak-meter.js";

/** How a waveform is measured; all settings that a probe shows to be impossible are refused by then. */
export interface WaveformPlan {
  readonly track: AudioProbe;
  /** Sample 0 is at the first picture, as in a player; earlier sound is left out. */
  readonly zeroAt: "audio" | "video";
  /** Expected length, as the file states it. */
  readonly seconds: number;
  /** The pictures whose encoding would take as long. */
  readonly megapixels: number;
  readonly peaks: PeakSettings;
  /** A guess, for estimates. */
  readonly typicalBytes: number;
}

/** Ten hours of MP3 took 70 s of CPU time. */
const MEGAPIXELS_PER_SECOND = 1 / 30;
/** Longer sound is refused: its decoding takes many minutes. */
export const MAX_SECONDS = 24 * 3600;
/** Of minimum and maximum, in a JSON of at most some 15 MB. */
const MAX_PAIRS = 2 ** 20;
/** A drawn waveform is measured finer than it is drawn, because the length of a sound is known at its end only. */
const DRAWN_PIXELS = 2 ** 17;
/** Of three recordings: 0.03 to 0.05. */
const BYTES_PER_PIXEL = 0.05;
/** As text, with its comma: of music 3.1 and 5.3. */
const BYTES_PER_VALUE: Readonly<Record<number, number>> = { 8: 3.2, 16: 5.5 };

/** Plans a normalised waveform; pure. Throws PolyreelError `invalid`, with the setting as field. */
export function planWaveform(settings: Waveform, probe: Probe, trackNumber: number): WaveformPlan {
  const track = soundTrack(probe, trackNumber);
  const { video } = probe;
  const isMoving = video !== undefined && !video.still;
  const zeroSeconds = isMoving ? (video.firstPictureSeconds ?? video.startSeconds) : track.startSeconds;
  const seconds = Math.max(0, track.startSeconds - zeroSeconds + (track.exactSeconds ?? track.durationSeconds));
  if (seconds > MAX_SECONDS) throw tooLong();
  // Mono decodes to stereo at equal power.
  const common = { channels: channelsOf(settings, track), gain: track.channels === 1 ? Math.SQRT2 : 1 };
  const zeroAt = isMoving ? ("video" as const) : ("audio" as const);
  const planned = { track, zeroAt, seconds, megapixels: seconds * MEGAPIXELS_PER_SECOND };
  if (settings.format !== WaveformFormat.JSON) {
    const typicalBytes = Math.round(settings.width * settings.height * BYTES_PER_PIXEL);
    return { ...planned, peaks: { ...common, samplesPerPixel: 1, maxPixels: DRAWN_PIXELS }, typicalBytes };
  }
  const peaks = { ...common, samplesPerPixel: zoomOf(settings), maxPixels: MAX_PAIRS / common.channels };
  const samples = seconds * SAMPLE_RATE;
  const pixels = samples / peaks.samplesPerPixel;
  if (isFixed(settings) && pixels > peaks.maxPixels) throw tooFine(settings, peaks, samples);
  const shown = pixels > peaks.maxPixels ? pixels / 2 ** Math.ceil(Math.log2(pixels / peaks.maxPixels)) : pixels;
  const typicalBytes = Math.round(shown * peaks.channels * 2 * (BYTES_PER_VALUE[settings.bits] ?? 4)) + 100;
  return { ...planned, peaks, typicalBytes };
}

const channelsOf = ({ splitChannels }: Waveform, track: AudioProbe): 1 | 2 =>
  splitChannels && track.channels > 1 ? 2 : 1;

const DEFAULT_SAMPLES_PER_PIXEL = 256;

const zoomOf = ({ samplesPerPixel, pixelsPerSecond }: Waveform): number =>
  samplesPerPixel || (pixelsPerSecond > 0 ? Math.round(SAMPLE_RATE / pixelsPerSecond) : DEFAULT_SAMPLES_PER_PIXEL);

/** Whether the number of samples that a pixel stands for was asked for. */
export const isFixed = ({ samplesPerPixel, pixelsPerSecond }: Waveform): boolean =>
  samplesPerPixel > 0 || pixelsPerSecond > 0;

/** The sound is too long for the asked number of samples that a pixel stands for. */
export function tooFine(settings: Waveform, { channels, maxPixels }: PeakSettings, samples: number): PolyreelError {
  const field = settings.samplesPerPixel > 0 ? "samplesPerPixel" : "pixelsPerSecond";
  const pixels = Math.ceil(samples / zoomOf(settings)) * channels;
  const least = Math.ceil(samples / maxPixels);
  const seconds = samples / SAMPLE_RATE;
  const possible =
    field === "samplesPerPixel"
      ? `${least} or more`
      : `${(Math.floor((maxPixels / seconds) * 1000) / 1000).toFixed(3)} or less`;
  return sourceError({
    field,
    reason: `${seconds.toFixed(0)} s of sound would take ${pixels} pairs of values; ${MAX_PAIRS} are possible.`,
    remedy: `Choose ${possible}, or leave ${field} out: the data then has as many as are possible.`,
  });
}

export const tooLong = (): PolyreelError =>
  sourceError({
    reason: `The sound is longer than ${MAX_SECONDS / 3600} hours.`,
    remedy: "Cut it into shorter files.",
  });
