import { create } from "@bufbuild/protobuf";
import { PcmIndexSchema } from "@polyreel/contract";
import { afterAll, describe, expect, it } from "vitest";
import { openSpeech } from "../testing/speech.js";
import { integratedLoudness, powerOfLufs } from "./loudness.js";
import { LoudnessMeter } from "./loudness-meter.js";
import { LoudnessProfile } from "./loudness-profile.js";
import { ebur128, ffmpegValues, silence, sine, valuesOf } from "./testing/sounds.js";

const speech = await openSpeech();
afterAll(() => speech[Symbol.asyncDispose]());
const fox = await speech.speak("The quick brown fox jumps over the lazy dog.");

function hopsOf(values: Float32Array, pieceValues = 9600): number[] {
  const meter = new LoudnessMeter();
  for (let at = 0; at < values.length; at += pieceValues) meter.push(values.subarray(at, at + pieceValues));
  return meter.finish();
}

describe("loudness", () => {
  it("of a 997 Hz sine at full scale in one channel is -3.01 LUFS, as in BS.1770", () => {
    const values = valuesOf((sample, channel) => (channel === 0 ? sine(997, 1)(sample, 0) : 0), 48000);
    for (const lufs of hopsOf(values).slice(1)) expect(lufs).toBeCloseTo(-3.01, 1);
  });

  it.each([
    ["speech", `${fox},aformat=channel_layouts=stereo`],
    ["noise that comes and goes", "anoisesrc=c=pink:d=6:seed=3,volume='if(lt(mod(t,2),1),1,0.05)':eval=frame"],
    ["bass, which counts less", "sine=f=50:d=3"],
  ])("of %s matches ffmpeg's ebur128", async (_, lavfi) => {
    const values = await ffmpegValues([{ lavfi }], "[0:a]aresample=48000,apad=pad_dur=1");
    const { lufs } = await ebur128(values);
    const whole = hopsOf(values).slice(0, Math.floor(values.length / 9600));
    expect(integratedLoudness(whole.map(powerOfLufs))).toBeGreaterThan(lufs - 0.06);
    expect(integratedLoudness(whole.map(powerOfLufs))).toBeLessThan(lufs + 0.06);
  });

  it("does not depend on the size of pieces, and is -infinity for silence", () => {
    const values = valuesOf(sine(440), 12345);
    for (const [hop, lufs] of hopsOf(values, 2 * 777).entries())
      expect(lufs).toBeCloseTo(hopsOf(values)[hop] as number, 9);
    expect(hopsOf(values)).toHaveLength(3);
    expect(hopsOf(valuesOf(silence, 4800))).toEqual([-Infinity]);
  });

  it("ignores parts that are relatively quiet (relative gate), and measures short sounds as a whole", () => {
    const loud = new Array<number>(50).fill(powerOfLufs(-16));
    const quiet = new Array<number>(50).fill(powerOfLufs(-40));
    expect(integratedLoudness([...loud, ...quiet])).toBeGreaterThan(-16.3);
    expect(integratedLoudness([powerOfLufs(-20), powerOfLufs(-20)])).toBeCloseTo(-20, 9);
    expect(integratedLoudness([])).toBe(-Infinity);
    expect(integratedLoudness(new Array(50).fill(powerOfLufs(-71)))).toBe(-Infinity);
  });
});

describe("a profile", () => {
  const profile = new LoudnessProfile(create(PcmIndexSchema, { samples: 12000n, loudnessLufs: [-16, -26, -Infinity] }));

  it("returns the energy of any stretch", () => {
    const full = powerOfLufs(-16) * 4800;
    expect(profile.energy(0, 4800)).toBeCloseTo(full, 6);
    expect(profile.energy(2400, 7200)).toBeCloseTo(full * 0.55, 6);
    expect(profile.energy(-100, 99999)).toBeCloseTo(full * 1.1, 6);
    expect(profile.energy(9600, 12000)).toBe(0);
  });

  it("returns the loudness of any stretch, even shorter than a step", () => {
    expect(profile.integrated(0, 4800)).toBeCloseTo(-16, 6);
    expect(profile.integrated(4800, 6000)).toBeCloseTo(-26, 6);
    expect(profile.integrated(9600, 12000)).toBe(-Infinity);
  });
});
