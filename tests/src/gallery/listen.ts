import { pcmValues } from "@polyreel/media/sound";
import { decodedSound } from "@polyreel/media/testing";
import { mono } from "../real-input/mono.js";

const SAMPLE_RATE = 48_000;

/** The decoded sound of a video, downmixed to mono. Times in seconds. */
export class Sound {
  private constructor(private readonly values: Float32Array) {}

  static async of(path: string): Promise<Sound> {
    const values = pcmValues(await decodedSound(path));
    return new Sound(mono(values, 0, values.length / 2));
  }

  get seconds(): number {
    return this.values.length / SAMPLE_RATE;
  }

  /** Level between two times, in dB of full scale. */
  level(from: number, to: number): number {
    const part = this.#part(from, to);
    return 10 * Math.log10(part.reduce((sum, value) => sum + value * value, 0) / part.length);
  }

  /**
   * Level of one frequency, in dB of full scale (Goertzel over whole waves, Hann window: frequencies 20 Hz apart are
   * separated).
   */
  tone(hertz: number, from: number, to: number): number {
    const part = this.#part(from, to);
    let [cosine, sine, weight] = [0, 0, 0];
    for (const [i, value] of part.entries()) {
      const window = 1 - Math.cos((2 * Math.PI * i) / part.length);
      const angle = (2 * Math.PI * hertz * i) / SAMPLE_RATE;
      cosine += value * window * Math.cos(angle);
      sine += value * window * Math.sin(angle);
      weight += window;
    }
    return 20 * Math.log10((Math.SQRT2 * Math.hypot(cosine, sine)) / weight);
  }

  /** Stretches louder than a level, in windows of 10 ms, merged over gaps shorter than `bridge`. */
  stretches(aboveDb: number, bridge = 0.1): { from: number; to: number }[] {
    const found: { from: number; to: number }[] = [];
    const step = 0.01;
    for (let i = 0; (i + 1) * step <= this.seconds; i++) {
      const [from, to] = [i * step, (i + 1) * step];
      if (this.level(from, to) <= aboveDb) continue;
      const last = found.at(-1);
      if (last && from - last.to < bridge) last.to = to;
      else found.push({ from, to });
    }
    return found;
  }

  #part(from: number, to: number): Float32Array {
    return this.values.subarray(Math.round(from * SAMPLE_RATE), Math.round(to * SAMPLE_RATE));
  }
}
