import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SoundEvent, type SoundRecipe, SoundRole } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDeviation } from "./deviation.js";
import { integratedLoudness, powerOfLufs } from "./loudness.js";
import { LoudnessMeter } from "./loudness-meter.js";
import type { PcmInput } from "./mix.js";
import { mixTracks } from "./mixer.js";
import { PcmFile } from "./pcm.js";
import { predictedRange, predictPowers, scalePowers } from "./predicted-loudness.js";
import { never, pcmInput, sine, soundEvent, soundRecipe } from "./testing/sounds.js";
import { type Track, tracksOf } from "./timeline.js";

const { CLIP, VOICE, BED, EFFECT } = SoundRole;
const S = 48000;

/** A deterministic sequence of numbers from 0 to 1 (Lehmer's generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** The first ones are longer than 4 s; the others are bangs. */
const LONG = 4;

let folder: string;
let inputs: PcmInput[];
let files: PcmFile[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-predicted-"));
  const noise = randomNumbers(1);
  const waves = [
    () => 0.2 * (noise() - 0.5),
    // Syllables: noise modulated at 4 Hz.
    (sample: number) => (noise() - 0.5) * Math.max(0, Math.sin((2 * Math.PI * 4 * sample) / S)) ** 2,
    sine(440, 0.1),
    (sample: number) => (sample % 31_000 < 900 ? sine(150, 0.8)(sample, 0) : 0),
  ];
  const bang = (sample: number) => 0.9 * (noise() - 0.5) * Math.exp(-sample / 900);
  inputs = await Promise.all([
    ...waves.map((wave, i) => pcmInput(folder, wave, (4 + i) * S + 1234)),
    ...[2400, 9600, 40_000].map((samples) => pcmInput(folder, bang, samples)),
  ]);
  files = await Promise.all(inputs.map(({ path, index }) => PcmFile.open(path, Number(index.samples))));
});
afterAll(async () => {
  for (const file of files) await file[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/**
 * A timeline of clips, some silent, some with crossfades, with a voice, a bed and effects; `chosen` are the inputs of
 * its events.
 */
function randomRecipe(random: () => number): { recipe: SoundRecipe; chosen: number[] } {
  const pick = (below: number) => Math.floor(random() * below);
  const sometimes = (below: number) => (random() < 0.5 ? 0 : pick(below));
  const events: SoundEvent[] = [];
  const chosen: number[] = [];
  const add = (role: SoundRole, event: Parameters<typeof soundEvent>[1], from = 0, to = inputs.length) => {
    chosen.push(from + pick(to - from));
    events.push(soundEvent(role, event));
  };
  let end = 0;
  let overlap = 0;
  for (let clips = 1 + pick(4); clips > 0; clips--) {
    const samples = 4000 + overlap + pick(3 * S);
    const next = clips === 1 ? 0 : Math.min(sometimes(S), samples - overlap);
    const clip = { start: end - overlap, inputStart: pick(S), samples, fadeIn: overlap, fadeOut: next };
    if (random() < 0.8) add(CLIP, { ...clip, gainDb: sometimes(20) - 12 });
    end += samples - overlap;
    overlap = next;
  }
  add(VOICE, { start: pick(end), samples: S + pick(2 * S), gainDb: sometimes(12) - 6 });
  for (let beds = 1 + sometimes(3); beds > 0; beds--) {
    const bed = { samples: end, gainDb: -6 - pick(14), duck: random() < 0.7, loop: random() < 0.7 };
    add(BED, { ...bed, inputStart: sometimes(3 * S), fadeIn: sometimes(S), fadeOut: sometimes(2 * S) }, 0, LONG);
  }
  for (let effects = pick(3); effects > 0; effects--) {
    const effect = {
      start: pick(end),
      samples: 1000 + pick(3 * S),
      gainDb: sometimes(12) - 8,
      fadeOut: sometimes(9600),
    };
    add(EFFECT, { ...effect, loop: random() < 0.2 }, random() < 0.7 ? LONG : 0);
  }
  return { recipe: soundRecipe(end, ...events), chosen };
}

const inputsOf = (chosen: readonly number[]) => chosen.map((i) => inputs[i] as PcmInput);

async function mixed(tracks: readonly Track[], chosen: readonly number[], samples: number) {
  const meter = new LoudnessMeter();
  const interferences: number[] = [];
  const opened = chosen.map((i) => files[i] as PcmFile);
  for await (const { values, interference } of mixTracks(tracks, opened, samples, never)) {
    meter.push(values);
    interferences.push(interference);
  }
  return { powers: meter.finish().map(powerOfLufs), interferences };
}

describe("the predicted loudness of a mix", () => {
  it.each(Array.from({ length: 40 }, (_, i) => i + 1))("holds for random mix %i", async (seed) => {
    const { recipe, chosen } = randomRecipe(randomNumbers(seed * 7919));
    const samples = Number(recipe.samples);
    const tracks = tracksOf(
      recipe,
      inputsOf(chosen).map(({ index }) => index),
    );
    const { powers, interferences } = await mixed(tracks, chosen, samples);
    const predicted = scalePowers(predictPowers(tracks, samples), interferences);
    const { minLufs, maxLufs } = predictedRange(predicted);
    const padded = Array.from({ length: predicted.expected.length }, (_, hop) => powers[hop] ?? 0);
    const lufs = integratedLoudness(padded);
    expect(lufs).toBeGreaterThan(minLufs);
    expect(lufs).toBeLessThan(maxLufs);
    expect(firstDeviation(powers, predicted)).toBeUndefined();
  });

  it("does not hold if a voice is missing, or a bed was not lowered", async () => {
    const bed = soundEvent(BED, { samples: 8 * S, gainDb: -8, duck: true, loop: true });
    const recipe = soundRecipe(8 * S, soundEvent(VOICE, { start: 3 * S, samples: 2 * S }), bed);
    // The voice is an occasional click, so that the bed is audible in between.
    const chosen = [3, 0];
    const tracks = tracksOf(
      recipe,
      inputsOf(chosen).map(({ index }) => index),
    );
    const predicted = predictPowers(tracks, 8 * S);
    const deviation = async (wrong: Track[]) => firstDeviation((await mixed(wrong, chosen, 8 * S)).powers, predicted);
    expect(await deviation(tracks)).toBeUndefined();
    expect(await deviation(tracks.filter(({ event }) => event !== 0))).toMatchObject({
      seconds: expect.closeTo(2.3, 0),
    });
    expect(predictedRange(predictPowers(tracks.slice(1), 8 * S)).maxLufs).toBeLessThan(
      predictedRange(predicted).minLufs,
    );
    const loudBed = tracks.map((track) => ({ ...track, ducked: [], level: track.level * (track.event === 1 ? 2 : 1) }));
    expect(await deviation(loudBed)).toMatchObject({ seconds: 0 });
  });
});
