import { readFile } from "node:fs/promises";
import { decodePcm, pcmValues } from "@polyreel/media/sound";

/** Every sixth sample of one channel: 8 kHz, enough for the pitch of a voice. */
const STEP = 6;
const RATE = 48_000 / STEP;
const LOWEST_HZ = 50;
const HIGHEST_HZ = 500;
const WINDOW = Math.round(0.06 * RATE);

/** The pitch of speech in hertz: the median over its voiced windows, each by autocorrelation. */
export async function voiceHertz(path: string, tempDir: string): Promise<number> {
  const { signal } = new AbortController();
  const decoded = await decodePcm(path, { zeroAt: "audio", signal, tempDir });
  const values = pcmValues(await readFile(decoded.path));
  const samples = Number(decoded.index.samples);
  // The mean of neighbouring samples reduces aliasing.
  const mono = Float32Array.from({ length: Math.floor(samples / STEP) }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < STEP; k++) sum += values[(i * STEP + k) * 2] as number;
    return sum / STEP;
  });
  const found: number[] = [];
  const span = WINDOW + Math.ceil(RATE / LOWEST_HZ);
  for (let start = 0; start + span < mono.length; start += WINDOW / 2) {
    const hertz = hertzOf(mono.subarray(start, start + span));
    if (hertz) found.push(hertz);
  }
  found.sort((a, b) => a - b);
  return found[found.length >> 1] ?? 0;
}

/** The frequency of a window; undefined if it is silent or not a vowel. */
function hertzOf(values: Float32Array): number | undefined {
  const first = Math.floor(RATE / HIGHEST_HZ);
  const correlations = Array.from({ length: values.length - WINDOW }, (_, lag) =>
    lag < first ? 0 : correlation(values, lag),
  );
  const best = Math.max(...correlations);
  if (!(best > 0.7)) return undefined;
  // The first peak that is nearly the best: its multiples are equally high.
  const lag = correlations.findIndex(
    (value, i) =>
      value > 0.93 * best && value >= (correlations[i - 1] as number) && value >= (correlations[i + 1] ?? -1),
  );
  return RATE / lag;
}

/** Normalised autocorrelation at a lag. */
function correlation(values: Float32Array, lag: number): number {
  let product = 0;
  let energy = 0;
  let later = 0;
  for (let i = 0; i < WINDOW; i++) {
    const a = values[i] as number;
    const b = values[i + lag] as number;
    product += a * b;
    energy += a * a;
    later += b * b;
  }
  return energy / WINDOW < 1e-4 ? 0 : product / Math.sqrt(energy * later);
}
