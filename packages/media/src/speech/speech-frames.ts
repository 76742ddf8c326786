import { CHANNELS, PcmFile, SAMPLE_RATE } from "../sound/pcm.js";

/** A frame: 10 ms, about the shortest sound of speech. */
export const FRAME_SAMPLES = SAMPLE_RATE / 100;
export const FRAME_SECONDS = 0.01;

/** Of 16 kHz: neighbouring samples at 48 kHz are too similar to tell sounds apart. */
const LAG_SAMPLES = 3;
const FLOOR = 1e-10;

/** What 10 ms after each other of a sound are like. */
export interface SpeechFrames {
  readonly count: number;
  /** Power in dB of full scale, at least -100. */
  readonly powerDb: Float32Array;
  /** Power of the sound's change relative to its own power, in dB: low for vowels, high for hissing. */
  readonly tiltDb: Float32Array;
}

/** The frames of PCM (48 kHz stereo), in reading order; the last one is filled up with silence. */
export async function speechFrames(path: string, samples: number): Promise<SpeechFrames> {
  await using file = await PcmFile.open(path, samples);
  const count = Math.ceil(samples / FRAME_SAMPLES);
  const frames = { count, powerDb: new Float32Array(count), tiltDb: new Float32Array(count) };
  const mono = new Float32Array(FRAME_SAMPLES + LAG_SAMPLES);
  for (let frame = 0; frame < count; frame++) {
    const values = await file.read(frame * FRAME_SAMPLES, FRAME_SAMPLES);
    mono.copyWithin(0, FRAME_SAMPLES);
    mono.fill(0, LAG_SAMPLES);
    for (let i = 0; i < values.length / CHANNELS; i++) {
      mono[LAG_SAMPLES + i] = ((values[CHANNELS * i] as number) + (values[CHANNELS * i + 1] as number)) / 2;
    }
    let power = 0;
    let change = 0;
    for (let i = LAG_SAMPLES; i < mono.length; i++) {
      const value = mono[i] as number;
      power += value ** 2;
      change += (value - (mono[i - LAG_SAMPLES] as number)) ** 2;
    }
    frames.powerDb[frame] = 10 * Math.log10(Math.max(power / FRAME_SAMPLES, FLOOR));
    frames.tiltDb[frame] = 10 * Math.log10((change / FRAME_SAMPLES + FLOOR) / (power / FRAME_SAMPLES + FLOOR));
  }
  return frames;
}
