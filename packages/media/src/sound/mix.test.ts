import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { type SoundIndex, SoundIndexSchema, type SoundRecipe, SoundRole } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSpeech } from "../testing/speech.js";
import { decodePcm } from "./decode.js";
import { mixSound, type PcmInput } from "./mix.js";
import { SoundEncoder } from "./sound-encoder.js";
import {
  click,
  ebur128,
  levelDb,
  loudestSample,
  makeFile,
  never,
  pcmInput,
  playSound,
  silence,
  sine,
  soundEvent,
  soundRecipe,
  valuesOf,
} from "./testing/sounds.js";

const { CLIP, VOICE, BED, EFFECT } = SoundRole;
const S = 48000;
let folder: string;
let encoder: SoundEncoder;
/** About two seconds. */
let speech: PcmInput;
let noise: PcmInput;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-mix-"));
  encoder = new SoundEncoder({ processes: 2, tempDir: folder });
  await using spoken = await openSpeech();
  speech = await decode("speech.wav", await spoken.speak("Half price today, and free delivery."));
  noise = await decode("noise.wav", "anoisesrc=c=pink:d=2:seed=5:a=0.2");
});
afterAll(() => rm(folder, { recursive: true }));

async function decode(name: string, lavfi: string): Promise<PcmInput> {
  return decodePcm(await makeFile(join(folder, name), [lavfi], []), {
    zeroAt: "audio",
    signal: never,
    tempDir: folder,
  });
}

interface Heard {
  values: Float32Array;
  index: SoundIndex;
  payload: Buffer;
}

let mixes = 0;
async function mix(recipe: SoundRecipe, ...inputs: PcmInput[]): Promise<Heard> {
  const tempDir = join(folder, `mix-${mixes++}`);
  await mkdir(tempDir);
  const { payloadPath, index } = await mixSound(recipe, inputs, { signal: never, tempDir, encoder });
  const payload = await readFile(payloadPath);
  return { values: await playSound(payloadPath, index), index, payload };
}

const samplesOf = (input: PcmInput) => Number(input.index.samples);

describe("a soundtrack", () => {
  it.each([1, 1600, 1601, 48001, 100_100])("of %i samples decodes to exactly that number", async (samples) => {
    const { values, index, payload } = await mix(soundRecipe(samples, soundEvent(CLIP, { samples })), noise);
    expect(values).toHaveLength(samples * 2);
    expect(index).toMatchObject({ sampleRate: 48000, channels: 2, delay: 1024, samples: BigInt(samples) });
    expect(index.sizes).toHaveLength(Math.ceil((samples + 1024) / 1024));
    expect(index.sizes.reduce((sum, size) => sum + size, 0)).toBe(payload.length);
    expect([...index.decoderConfig]).toEqual([0x11, 0x90]);
  });

  it("has a click within 1 ms of its position, after the delay", async () => {
    const input = await pcmInput(folder, click(12_345), S);
    const event = soundEvent(CLIP, { inputStart: 2345, start: 20_000, samples: 30_000 });
    const { values } = await mix(soundRecipe(S + 77, event), input);
    expect(Math.abs(loudestSample(values) - 30_000)).toBeLessThanOrEqual(48);
  });

  it("brings speech to -16 LUFS, and reports the same measurements as ebur128", async () => {
    const samples = samplesOf(speech);
    const { values, index } = await mix(soundRecipe(samples, soundEvent(VOICE, { samples })), speech);
    const { lufs, dbtp } = await ebur128(values);
    expect(Math.abs(lufs + 16)).toBeLessThan(1);
    expect(Math.abs(index.loudnessLufs - lufs)).toBeLessThan(0.06);
    expect(Math.abs(index.truePeakDbtp - dbtp)).toBeLessThan(0.11);
    expect(index.truePeakDbtp).toBeLessThanOrEqual(-1);
    expect(index.loudnessLufs).toBeGreaterThan(index.predictedMinLufs);
    expect(index.loudnessLufs).toBeLessThan(index.predictedMaxLufs);
  });

  it("keeps the decoded true peak at -1 dBTP for any input", async () => {
    const square = await pcmInput(folder, (sample) => (sample % 109 < 50 ? 1 : -1), S);
    const events = [soundEvent(BED, { samples: S, gainDb: 12 }), soundEvent(BED, { samples: S, gainDb: 12 })];
    const { values, index } = await mix(soundRecipe(S, ...events), square, noise);
    expect((await ebur128(values)).dbtp).toBeLessThanOrEqual(-1);
    expect(index.truePeakDbtp).toBeGreaterThan(-3);
  });

  it("lowers the bed by 12 dB while a voice speaks", async () => {
    // A voice without bass, and a bed of bass only: the bed can be measured under the voice.
    const voice = await pcmInput(folder, sine(4000), S);
    const bed = await pcmInput(folder, sine(100), S);
    const events = (duck: boolean) => [
      soundEvent(VOICE, { start: S, samples: S }),
      soundEvent(BED, { samples: 4 * S, gainDb: -14, loop: true, duck }),
    ];
    const bass = async (duck: boolean) => {
      const { values } = await mix(soundRecipe(4 * S, ...events(duck)), voice, bed);
      return valuesOf((sample, channel) => lowPassed(values, channel)[sample] as number, 4 * S);
    };
    const [ducked, level] = [await bass(true), await bass(false)];
    expect(levelDb(ducked, 1.2, 1.8) - levelDb(level, 1.2, 1.8)).toBeCloseTo(-12, 0);
    expect(levelDb(ducked, 0.2, 0.8) - levelDb(level, 0.2, 0.8)).toBeCloseTo(0, 1);
    expect(levelDb(ducked, 2.5, 3.4) - levelDb(level, 2.5, 3.4)).toBeCloseTo(0, 1);
  });

  it("keeps its level during a crossfade of footage, and fades a bed evenly", async () => {
    const other = await decode("other.wav", "anoisesrc=c=pink:d=2:seed=9:a=0.2");
    const clips = [
      soundEvent(CLIP, { samples: 1.5 * S, fadeOut: S }),
      soundEvent(CLIP, { start: 0.5 * S, samples: 1.5 * S, fadeIn: S }),
    ];
    const { values } = await mix(soundRecipe(2 * S, ...clips), noise, other);
    const steady = levelDb(values, 0.1, 0.4);
    for (const at of [0.6, 0.8, 1, 1.2, 1.6]) expect(Math.abs(levelDb(values, at, at + 0.2) - steady)).toBeLessThan(1);
    const bed = soundEvent(BED, { samples: 2 * S, fadeIn: S, fadeOut: 0.5 * S });
    const faded = await mix(soundRecipe(2 * S, bed), noise);
    const full = levelDb(faded.values, 1, 1.5);
    // A linear ramp from 0 to 1 over a tenth of a second: the level in its middle.
    for (const at of [0.2, 0.45, 0.7]) {
      expect(Math.abs(levelDb(faded.values, at, at + 0.1) - full - 20 * Math.log10(at + 0.05))).toBeLessThan(1);
    }
    expect(levelDb(faded.values, 1.7, 1.8) - full).toBeCloseTo(20 * Math.log10(0.5), 0);
    expect(faded.index.loudnessLufs).toBeLessThan(faded.index.predictedMaxLufs);
  });

  it("makes an effect as loud as speech, even a short one, at its time", async () => {
    const ping = sine(1000, 0.05);
    const bang = await pcmInput(folder, (sample) => ping(sample, 0) * Math.exp(-sample / 2400), S / 4);
    const long = await mix(soundRecipe(2 * S, soundEvent(EFFECT, { samples: 2 * S })), noise);
    expect(Math.abs(long.index.loudnessLufs + 16)).toBeLessThan(0.8);
    const short = await mix(soundRecipe(2 * S, soundEvent(EFFECT, { start: S, samples: S })), bang);
    expect(Math.abs(loudestSample(short.values) - S)).toBeLessThan(500);
    // Its 100 ms are at -12: in blocks of 400 ms, three quarters of them silence, 6 less.
    expect(Math.abs(short.index.loudnessLufs + 18)).toBeLessThan(0.8);
  });

  it("is silent between sounds", async () => {
    const event = soundEvent(CLIP, { start: S / 2, samples: S / 2 });
    const { values } = await mix(soundRecipe(2 * S, event), noise);
    // Half an AAC packet before and after, for the codec's blur.
    expect(levelDb(values, 0, 0.47)).toBeLessThan(-90);
    expect(levelDb(values, 0.55, 0.95)).toBeGreaterThan(-30);
    expect(levelDb(values, 1.05, 2)).toBeLessThan(-90);
  });

  it("without any sound is silence of the right length, representable in JSON and protobuf", async () => {
    const { values, index } = await mix(soundRecipe(S));
    expect(values).toHaveLength(2 * S);
    expect(values.every((value) => value === 0)).toBe(true);
    expect(index).toMatchObject({ loudnessLufs: -Infinity, truePeakDbtp: -Infinity, predictedMaxLufs: -Infinity });
    expect(fromBinary(SoundIndexSchema, toBinary(SoundIndexSchema, index)).loudnessLufs).toBe(-Infinity);
    expect(fromJsonString(SoundIndexSchema, toJsonString(SoundIndexSchema, index)).loudnessLufs).toBe(-Infinity);
  });

  it("does not raise the noise of silence", async () => {
    const hiss = await pcmInput(folder, sine(3000, 0.0002), S);
    const { values } = await mix(soundRecipe(S, soundEvent(CLIP, { samples: S })), hiss);
    expect(levelDb(values, 0.1, 0.9)).toBeLessThan(-70);
  });

  it("is deterministic, byte for byte", async () => {
    const recipe = () =>
      soundRecipe(
        S + 7,
        soundEvent(VOICE, { samples: S, start: 3 }),
        soundEvent(BED, { samples: S + 7, gainDb: -6, duck: true, loop: true }),
      );
    const [first, second] = [await mix(recipe(), speech, noise), await mix(recipe(), speech, noise)];
    expect(second.payload.equals(first.payload)).toBe(true);
    expect(second.index).toEqual(first.index);
  });

  it("handles two equal tones that add up or cancel out", async () => {
    const tone = await pcmInput(folder, sine(440, 0.2), S);
    const against = await pcmInput(folder, sine(440, -0.2), S);
    const both = soundRecipe(S, soundEvent(CLIP, { samples: S }), soundEvent(CLIP, { samples: S }));
    expect((await mix(both, tone, tone)).index.loudnessLufs).toBeGreaterThan(-11);
    expect((await mix(both, tone, against)).index.loudnessLufs).toBeLessThan(-50);
  });
});

describe("a faulty soundtrack", () => {
  /** An index with other sound in its file. */
  const withOtherIndex = async (promised: PcmInput): Promise<PcmInput> => ({
    path: (await pcmInput(folder, silence, samplesOf(promised))).path,
    index: promised.index,
  });

  it("is refused if a voice is missing, even in a long one with a bed", async () => {
    const seconds = 30;
    const recipe = soundRecipe(
      seconds * S,
      soundEvent(BED, { samples: seconds * S, gainDb: -4, duck: true, loop: true }),
      soundEvent(VOICE, { start: 20 * S, samples: samplesOf(speech) }),
    );
    const fine = await mix(recipe, noise, speech);
    expect(fine.index.loudnessLufs).toBeGreaterThan(-24);
    await expect(mix(recipe, noise, await withOtherIndex(speech))).rejects.toMatchObject({
      code: "internal",
      failure: { reason: "A soundtrack's loudness differs from the prediction for its sounds." },
    });
  });

  it("is refused if it is silent", async () => {
    const recipe = soundRecipe(S, soundEvent(CLIP, { samples: S }));
    await expect(mix(recipe, await withOtherIndex(noise))).rejects.toMatchObject({ code: "internal" });
  });
});

it("stops when aborted, leaving only the requested files", async () => {
  const tempDir = join(folder, "aborted");
  await mkdir(tempDir);
  const controller = new AbortController();
  const recipe = soundRecipe(600 * S, soundEvent(BED, { samples: 600 * S, loop: true }));
  const encoder = new SoundEncoder({ processes: 1, tempDir });
  const mixing = mixSound(recipe, [noise], { signal: controller.signal, tempDir, encoder });
  setTimeout(() => controller.abort(), 300);
  await expect(mixing).rejects.toMatchObject({ code: "cancelled" });
  expect(await readdir(tempDir)).toEqual([]);
});

/** One channel, smoothed over 1 ms: removes 4 kHz, keeps 100 Hz. */
const cache = new WeakMap<Float32Array, Float32Array[]>();
function lowPassed(values: Float32Array, channel: number): Float32Array {
  const channels = cache.get(values) ?? [0, 1].map((c) => smooth(values, c));
  cache.set(values, channels);
  return channels[channel] as Float32Array;
}

function smooth(values: Float32Array, channel: number): Float32Array {
  const width = 48;
  const smoothed = new Float32Array(values.length / 2);
  let sum = 0;
  for (let i = 0; i < smoothed.length; i++) {
    sum += (values[i * 2 + channel] as number) - (i < width ? 0 : (values[(i - width) * 2 + channel] as number));
    smoothed[i] = sum / width;
  }
  return smoothed;
}
