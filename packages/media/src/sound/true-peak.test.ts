import { afterAll, describe, expect, it } from "vitest";
import { openSpeech } from "../testing/speech.js";
import { ebur128, ffmpegValues, silence, sine, valuesOf } from "./testing/sounds.js";
import { TruePeakMeter } from "./true-peak.js";

const speech = await openSpeech();
afterAll(() => speech[Symbol.asyncDispose]());
const fox = await speech.speak("The quick brown fox jumps over the lazy dog.");

function peakOf(values: Float32Array, pieceValues = 9600): number {
  const meter = new TruePeakMeter();
  for (let at = 0; at < values.length; at += pieceValues) meter.push(values.subarray(at, at + pieceValues));
  return meter.finish();
}

describe("true peak", () => {
  it.each([
    ["speech", `${fox},aformat=channel_layouts=stereo`],
    ["music and noise", "aevalsrc='0.4*sin(2*PI*220*t)+0.3*sin(2*PI*3520*t)*random(0)|0.5*sin(2*PI*331*t)':d=5"],
    ["noise", "anoisesrc=c=pink:d=6:seed=3:a=0.4,aformat=channel_layouts=stereo"],
    ["a clipped tone", "sine=f=997:d=3,volume=20,aformat=sample_fmts=s16,aformat=channel_layouts=stereo"],
    ["a high tone between samples", "aevalsrc='0.7*sin(2*PI*12000*t+0.785)':d=2:s=48000,afade=d=0.5"],
    ["a very high one", "aevalsrc='0.7*sin(2*PI*15000*t+0.4)':d=2:s=48000,afade=d=0.5"],
  ])("of %s matches ffmpeg's ebur128", async (_, lavfi) => {
    const values = await ffmpegValues([{ lavfi }], "[0:a]aresample=48000");
    expect(Math.abs(peakOf(values) - (await ebur128(values)).dbtp)).toBeLessThan(0.15);
  });

  it("is found between samples, at any phase, and in either channel", () => {
    // A quarter of the rate, with all samples at 0.707 of the wave's height.
    const tone = (sample: number) =>
      0.5 * Math.min(1, sample / 12_000, (48_000 - sample) / 12_000) * Math.sin((Math.PI / 2) * sample + Math.PI / 4);
    expect(Math.abs(peakOf(valuesOf(tone, 48_000)) + 6.02)).toBeLessThan(0.1);
    for (const at of [0, 5, 4799, 4800, 4831, 4832, 9599, 11_990]) {
      const burst = valuesOf((sample, channel) => (channel === 1 && sample === at ? 0.25 : 0), 12_000);
      expect(peakOf(burst)).toBeCloseTo(-12.04, 2);
      const pair = valuesOf((sample) => (sample === at || sample === at + 1 ? 0.25 : 0), 12_000);
      expect(peakOf(pair)).toBeGreaterThan(-12.04 + 1.5);
    }
  });

  it("does not depend on the size of pieces, and is -infinity for silence", () => {
    const values = valuesOf((sample, channel) => sine(440, 0.3)(sample, channel) + 0.2 * Math.sin(sample ** 2), 23_456);
    for (const pieceValues of [2, 2 * 777, 2 * 20_000]) expect(peakOf(values, pieceValues)).toBe(peakOf(values));
    expect(peakOf(valuesOf(silence, 9000))).toBe(-Infinity);
    expect(peakOf(new Float32Array(0))).toBe(-Infinity);
  });
});
