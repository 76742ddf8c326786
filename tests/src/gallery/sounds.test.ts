import { Sound as FootageSound, Overrun } from "@polyreel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audio, bed, footage, still, video, voice } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type RenderedBatch, render } from "../testing/render.js";
import { Sound } from "./listen.js";
import { make, plain, tone } from "./make.js";

let pipeline: Pipeline;
let sources: Record<"picture" | "footage" | "steady" | "short" | "stepped" | "bang", string>;
beforeAll(async () => {
  pipeline = await startPipeline();
  const made = (name: string, what: Parameters<typeof make>[2]) => make(pipeline, name, what);
  sources = {
    picture: await made("picture.png", { picture: plain("blue", 1, "64x64") }),
    footage: await made("footage.mp4", { picture: plain("red", 1, "64x64"), sound: tone(440, 1) }),
    steady: await made("steady.wav", { sound: tone(1000, 10) }),
    short: await made("short.wav", { sound: tone(1000, 1) }),
    // 500 Hz for a second, then 1500.
    stepped: await made("stepped.wav", {
      sound: "aevalsrc='0.1*sin(2*PI*t*if(lt(t,1),500,1500))':s=48000:d=4",
    }),
    bang: await made("bang.wav", { sound: tone(3000, 0.2) }),
  };
});
afterAll(() => pipeline?.close());

/** A blue picture of this duration. */
const picture = (name: string, seconds: number) =>
  video(name, { choices: [{ ...still("picture", sources.picture), duration: durationOf(seconds) }] });

const CANVAS = { width: 64, height: 64 };
const rendered = async (blocks: Parameters<typeof render>[1]["blocks"]): Promise<RenderedBatch> => {
  const batch = await render(pipeline, { canvas: CANVAS, ...(blocks && { blocks }) });
  expect(batch.failures.map(({ failure }) => failure?.reason)).toEqual([]);
  return batch;
};
const soundOf = (batch: RenderedBatch, output = 0) => Sound.of(batch.outputs[output]?.path ?? "");
const SILENT = -80;

test("a bed fades in and out evenly, and begins at the requested position", async () => {
  const batch = await rendered([
    picture("v", 4),
    audio("faded", {
      fadeIn: durationOf(1),
      fadeOut: durationOf(1),
      choices: [bed("steady", sources.steady)],
    }),
  ]);
  const sound = await soundOf(batch);
  const full = sound.level(1.5, 2.5);
  // A linear fade: half the amplitude is 6 dB less. 0.5 dB: windows of 20 ms on a slope, and AAC.
  for (const [at, down] of [
    [0.25, 12.04],
    [0.5, 6.02],
    [0.75, 2.5],
    [3.25, 2.5],
    [3.5, 6.02],
    [3.75, 12.04],
  ] as const)
    expect(Math.abs(full - sound.level(at - 0.01, at + 0.01) - down), `at ${at} s`).toBeLessThan(0.5);
  expect(full - sound.level(0, 0.02)).toBeGreaterThan(30);

  const later = await soundOf(
    await rendered([
      picture("v", 2),
      audio("later", { offset: durationOf(1), choices: [bed("stepped", sources.stepped)] }),
    ]),
  );
  // AAC's residue at an absent frequency is at least 50 dB below a present one.
  expect(later.tone(1500, 0.1, 1) - later.tone(500, 0.1, 1)).toBeGreaterThan(50);
});

test("a bed plays once, or loops without a gap", async () => {
  const [once, looped] = await Promise.all(
    [false, true].map(async (loop) =>
      soundOf(await rendered([picture("v", 3), audio("music", { loop, choices: [bed("short", sources.short)] })])),
    ),
  );
  expect(once?.level(0.1, 0.9)).toBeGreaterThan(-30);
  // 50 ms after its end AAC's last block is over too.
  expect(once?.level(1.05, 2.9)).toBeLessThan(SILENT);
  const steady = looped?.level(0.2, 0.8) ?? Number.NaN;
  for (let from = 0.2; from < 2.4; from += 0.02)
    expect(Math.abs((looped?.level(from, from + 0.02) ?? Number.NaN) - steady), `at ${from}`).toBeLessThan(0.5);
});

test("an effect begins with its block, plus its delay", async () => {
  const sound = await soundOf(
    await rendered([
      picture("one", 1),
      picture("two", 1),
      audio("effect", { at: "two", delay: durationOf(0.25), choices: [bed("bang", sources.bang)] }),
    ]),
  );
  // Windows of 10 ms; AAC's pre-echo spreads over up to 20 ms before it, well below this level.
  expect(sound.stretches(-40)).toEqual([{ from: expect.closeTo(1.25, 1.6), to: expect.closeTo(1.45, 1.6) }]);
});

test("a bed is lowered by 12 dB under a voice, and recovers", async () => {
  const batch = await rendered([
    picture("v", 5),
    voice("speaker", {
      offset: durationOf(1),
      overrun: Overrun.TRIM,
      choices: [{ label: "silent" }, { text: "Half price today, and tomorrow too", voice: "rms" }],
    }),
    audio("music", { duck: true, fadeOut: durationOf(0), choices: [bed("steady", sources.steady)] }),
  ]);
  const [alone, under] = [await soundOf(batch, 0), await soundOf(batch, 1)];
  const events = batch.outputs[1]?.sound?.events ?? [];
  const line = events.find(({ input }) => input.case === "voiceHash");
  const end = (Number(line?.start) + Number(line?.samples)) / 48_000;
  expect(end).toBeGreaterThan(2);
  expect(end).toBeLessThan(4.3);
  const down = (from: number, to: number) => alone.tone(1000, from, to) - under.tone(1000, from, to);
  // Under a voice, which contains 1000 Hz too, within 2 dB; otherwise unchanged.
  expect(Math.abs(down(1.2, end - 0.2) - 12)).toBeLessThan(2);
  expect(Math.abs(down(0.2, 0.8))).toBeLessThan(0.2);
  expect(Math.abs(down(end + 0.45, 4.95))).toBeLessThan(0.2);
});

test("two beds and the footage's sound are mixed, each at its level", async () => {
  const sound = await soundOf(
    await rendered([
      video("v", { choices: [footage("footage", sources.footage)] }),
      audio("low", { gainDb: -10, fadeOut: durationOf(0), choices: [bed("stepped", sources.stepped)] }),
      audio("high", { gainDb: -20, fadeOut: durationOf(0), choices: [bed("steady", sources.steady)] }),
    ]),
  );
  const [footageLevel, low, high] = [440, 500, 1000].map((hertz) => sound.tone(hertz, 0.1, 0.9));
  // All are levelled to -16 LUFS first, whose weighting makes 1000 Hz 0.7 dB louder than 440, and is measured over all
  // of "stepped", of which 1500 Hz is the larger part and 3 dB louder.
  expect(Math.abs((footageLevel ?? 0) - (low ?? 0) - 10)).toBeLessThan(3);
  expect(Math.abs((footageLevel ?? 0) - (high ?? 0) - 20)).toBeLessThan(1.5);
});

test("a muted choice is silent, and a video with nothing else has no sound", async () => {
  const batch = await rendered([
    video("v", {
      choices: [footage("muted", sources.footage, { sound: FootageSound.MUTED }), footage("kept", sources.footage)],
    }),
    audio("music", { choices: [bed("silence"), bed("steady", sources.steady)] }),
  ]);
  expect(batch.outputs.map(({ sound }) => sound?.events.length ?? 0)).toEqual([0, 1, 1, 2]);
  expect(batch.outputs[0]?.certificate.loudnessLufs).toBeUndefined();
  const [, music, kept] = await Promise.all(batch.outputs.map((_, i) => (i ? soundOf(batch, i) : undefined)));
  expect(music?.tone(440, 0.1, 0.4)).toBeLessThan(SILENT + 10);
  expect(kept?.tone(440, 0.1, 0.9)).toBeGreaterThan(-30);
});
