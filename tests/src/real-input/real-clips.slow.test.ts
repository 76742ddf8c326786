import { Fit, Position, Sound } from "@polyreel/contract";
import { CHROMIUM, ebur128, levelDb, NEEDS_REAL_MEDIA, playThrough } from "@polyreel/media/testing";
import type { PartStore } from "@polyreel/parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { audio, bed, text, video } from "../testing/blocks.js";
import { partsOf } from "../testing/parts.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type RenderedBatch, type RenderedOutput, render } from "../testing/render.js";
import { checkOutput } from "./check-output.js";
import { lagOf } from "./lag.js";
import { mono } from "./mono.js";
import { last, putRealMedia, repeated, soundOf, stretchOf, trim } from "./real-footage.js";
import { unmix } from "./unmix.js";

const SAMPLE_RATE = 48_000;
/** AAC blurs this much before and after a sound. */
const BLUR_SECONDS = 0.05;
const SILENCE_DB = -75;
/** Minimum correlation of an encoded sound with its original. */
const LIKENESS = 0.95;

describe("real clips", NEEDS_REAL_MEDIA, () => {
  let pipeline: Pipeline;
  let parts: PartStore;
  let real: Awaited<ReturnType<typeof putRealMedia>>;
  beforeAll(async () => {
    pipeline = await startPipeline();
    parts = await partsOf(pipeline);
    real = await putRealMedia(pipeline);
  });
  afterAll(() => pipeline?.close());

  const outputOf = ({ outputs, failures }: RenderedBatch, ...labels: string[]) => {
    expect(failures).toEqual([]);
    const found = outputs.find(({ choices }) => Object.values(choices).join() === labels.join());
    if (!found) throw new Error(`${labels} is not among ${outputs.length} outputs.`);
    return found;
  };

  describe("in every pair, contained, with their own sound", () => {
    /** Start, duration (seconds), and whether it is audible there. */
    const STRETCHES = {
      friday: { from: 1.25, seconds: 1, audible: true },
      flower: { from: 0, seconds: 1.5, audible: false },
      "flower webm": { from: 2.5, seconds: 0.7, audible: false },
      bug: { from: 3, seconds: 1.1, audible: false },
      tears: { from: 20.25, seconds: 1.3, audible: true },
      leopard: { from: 0, seconds: 0.8, audible: false },
      balloons: { from: 0, seconds: 1, audible: false },
    };
    type Name = keyof typeof STRETCHES;
    const names = Object.keys(STRETCHES) as Name[];
    const choiceOf = (name: Name) => {
      const { from, seconds } = STRETCHES[name];
      return name === "leopard" || name === "balloons"
        ? real.still(name, seconds)
        : real.clip(name, trim(from, seconds));
    };
    const canvas = { width: 270, height: 480, background: "#204060" };

    /** Checks an output of these clips in this order. */
    async function checkSequence(output: RenderedOutput, sequence: readonly Name[]): Promise<void> {
      const mix = await checkOutput(output, parts);
      expect(mix !== undefined).toBe(sequence.some((name) => real.hasSound(name)));
      let start = 0;
      for (const [i, name] of sequence.entries()) {
        const at = `clip ${i + 1}, ${name}`;
        const stretch = STRETCHES[name];
        const frames = Math.round(stretch.seconds * 30);
        expect(output.clips[i]?.recipe.frames, at).toBe(frames);
        if (mix && stretch.audible) {
          const reference = mono(await soundOf(name), stretch.from * SAMPLE_RATE, stretch.seconds * SAMPLE_RATE);
          const { samples, likeness } = lagOf(reference, mix, (start / 30) * SAMPLE_RATE);
          expect(samples, at).toBe(0);
          expect(likeness, at).toBeGreaterThan(LIKENESS);
        } else if (mix) {
          const end = (start + frames) / 30 - BLUR_SECONDS;
          expect(levelDb(mix, start / 30 + BLUR_SECONDS, end), at).toBeLessThan(SILENCE_DB);
        }
        start += frames;
      }
    }

    test("in one video, where each follows each", async () => {
      // A de Bruijn sequence, closed by its first clip.
      const circle = names.flatMap((one, i) => [one, ...names.slice(i + 1).flatMap((other) => [one, other])]);
      const sequence = [...circle, ...circle.slice(0, 1)];
      const pairs = new Set(sequence.slice(1).map((name, i) => `${sequence[i]}, ${name}`));
      expect(pairs.size).toBe(names.length ** 2);
      const blocks = sequence.map((name, i) => video(`v${i}`, { choices: [choiceOf(name)] }));
      await checkSequence(outputOf(await render(pipeline, { canvas, blocks }), ...sequence), sequence);
    });

    test("in videos of two: with a sound, with a silent one, and without", async () => {
      const few = ["friday", "flower", "bug"] as const;
      const choices = few.map(choiceOf);
      const batch = await render(pipeline, {
        canvas,
        blocks: [video("first", { choices }), video("second", { choices })],
      });
      for (const first of few)
        for (const second of few) await checkSequence(outputOf(batch, first, second), [first, second]);
    });
  });

  describe("whole, covering, at 29.97 frames a second, under beds", () => {
    const firsts = ["friday", "tears"] as const;
    const seconds = ["flower webm", "bug"] as const;
    const beds = ["guitar", "fire", "silence"] as const;
    const effects = ["roar", "none"] as const;
    /** Any two choices of two blocks are together in one of them. */
    const checked = firsts.flatMap((first, i) =>
      beds.flatMap((music, j) =>
        effects.map((effect, k) => [first, seconds[(i + j + k) % 2 === 0 ? 0 : 1], music, effect] as const),
      ),
    );
    const GAINS_DB = { music: -14, effect: -6 };
    let batch: RenderedBatch;
    beforeAll(async () => {
      batch = await render(pipeline, {
        canvas: { width: 320, height: 180, frameRate: 29.97, fit: Fit.COVER },
        blocks: [
          video("first", { choices: [real.clip("friday"), real.clip("tears", last(2.5))] }),
          video("second", { sound: Sound.MUTED, choices: [real.clip("flower webm"), real.clip("bug")] }),
          audio("music", { gainDb: GAINS_DB.music, choices: [real.bed("guitar"), real.bed("fire"), bed("silence")] }),
          audio("effect", { gainDb: GAINS_DB.effect, loop: true, choices: [real.bed("roar"), bed("none")] }),
        ],
      });
    });

    test.each(checked)("%s, %s muted, with %s and %s", async (first, second, music, effect) => {
      const output = outputOf(batch, first, second, music, effect);
      expect(output.clips.map(({ recipe }) => recipe.frames)).toEqual([
        first === "friday" ? 185 : 75,
        second === "bug" ? 203 : 150,
      ]);
      const mix = (await checkOutput(output, parts)) as Float32Array;
      const samples = Number(output.sound?.samples);
      const cut = Math.round(((output.clips[0]?.recipe.frames ?? 0) * 1001 * SAMPLE_RATE) / 30_000);
      const clipStart = (Number(output.clips[0]?.recipe.startMicroseconds) / 1e6) * SAMPLE_RATE;
      const clip = stretchOf(await soundOf(first), clipStart, cut);
      const sounds = [{ levelled: clip, played: clip, gainDb: 0, mostDb: 12 }];
      if (music !== "silence") {
        const whole = await soundOf(music);
        sounds.push({ levelled: whole, played: whole, gainDb: GAINS_DB.music, mostDb: 24 });
      }
      if (effect !== "none") {
        const whole = await soundOf(effect);
        sounds.push({ levelled: whole, played: repeated(whole, samples), gainDb: GAINS_DB.effect, mostDb: 24 });
      }
      // Until the beds fade out.
      const length = samples - SAMPLE_RATE / 2;
      const { gainsDb, explainedDb } = unmix(
        mono(mix, 0, length),
        sounds.map((sound) => mono(sound.played, 0, length)),
      );
      const overDb: number[] = [];
      for (const [i, { levelled, gainDb, mostDb }] of sounds.entries()) {
        const { lufs } = await ebur128(levelled);
        overDb.push((gainsDb[i] as number) - Math.min(mostDb, -16 - lufs) - gainDb);
      }
      // A common gain in whole decibels brings the whole to -16 LUFS.
      const masterDb = Math.round(overDb[0] as number);
      for (const over of overDb) expect(Math.abs(over - masterDb)).toBeLessThan(0.3);
      expect(Math.abs((output.certificate.loudnessLufs ?? 0) + 16)).toBeLessThan(1);
      expect(explainedDb).toBeGreaterThan(15);
      // Nothing of the clip is audible after it: its own sound may be longer than its picture, and the second clip is
      // muted.
      if (sounds.length === 1)
        expect(levelDb(mix, cut / SAMPLE_RATE + BLUR_SECONDS, length / SAMPLE_RATE)).toBeLessThan(SILENCE_DB);
    });
  });

  test("after clips of 1, 2 and 3 frames, under a sound that has ended, with a text over some", async () => {
    const clips = [
      { block: "hook", choice: real.clip("friday", trim(4, 1.5)), frames: 45, sound: Sound.KEPT },
      { block: "one", choice: real.clip("tears", trim(12.5, 0.034)), frames: 1, sound: Sound.MUTED },
      { block: "two", choice: real.clip("flower", trim(1, 0.066)), frames: 2, sound: Sound.KEPT },
      { block: "three", choice: real.clip("bug", trim(2, 0.1)), frames: 3, sound: Sound.KEPT },
      { block: "body", choice: real.clip("flower webm", trim(0, 1.2)), frames: 36, sound: Sound.KEPT },
      { block: "still", choice: real.still("leopard", 0.5), frames: 15, sound: Sound.KEPT },
      { block: "end", choice: real.clip("tears", trim(33, 1)), frames: 30, sound: Sound.KEPT },
    ];
    const batch = await render(pipeline, {
      canvas: { width: 270, height: 480 },
      blocks: [
        ...clips.map(({ block, choice, sound }) => video(block, { choices: [choice], sound })),
        text("headline", {
          over: ["hook", "body"],
          position: Position.TOP,
          box: {},
          choices: [{ text: "Half price today" }],
        }),
        audio("roar", { gainDb: -6, choices: [real.bed("roar")] }),
      ],
    });
    expect(batch.failures).toEqual([]);
    const output = batch.outputs[0] as RenderedOutput;
    const mix = (await checkOutput(output, parts)) as Float32Array;
    expect(output.clips.map(({ recipe }) => recipe.frames)).toEqual(clips.map(({ frames }) => frames));

    const frames = clips.reduce((sum, clip) => sum + clip.frames, 0);
    const last = Math.round(((frames - 30) / 30) * SAMPLE_RATE);
    const roar = mono(await soundOf("roar"), 0, SAMPLE_RATE * 1.5);
    const friday = mono(await soundOf("friday"), 4 * SAMPLE_RATE, SAMPLE_RATE * 1.5);
    expect(unmix(mono(mix, 0, SAMPLE_RATE * 1.5), [roar, friday]).explainedDb).toBeGreaterThan(15);
    expect(levelDb(mix, 2.12 + BLUR_SECONDS, last / SAMPLE_RATE - BLUR_SECONDS)).toBeLessThan(SILENCE_DB);
    const tears = lagOf(mono(await soundOf("tears"), 33 * SAMPLE_RATE, SAMPLE_RATE), mix, last);
    expect(tears.samples).toBe(0);
    expect(tears.likeness).toBeGreaterThan(LIKENESS);

    if (!CHROMIUM) return;
    expect(await playThrough(output.path, frames)).toEqual({
      error: "",
      durationSeconds: expect.closeTo(frames / 30, 4),
      endedAtSeconds: expect.closeTo(frames / 30, 4),
      frameTimes: Array.from({ length: frames }, (_, i) => expect.closeTo(i / 30, 4)),
      inOrder: true,
      stalls: 0,
    });
  });
});
