import { create } from "@bufbuild/protobuf";
import { PcmIndexSchema, SoundRole } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { openSpeech } from "../testing/speech.js";
import { effectLoudness, levelGainDb } from "./level.js";
import { LoudnessMeter } from "./loudness-meter.js";
import { LoudnessProfile } from "./loudness-profile.js";
import { ffmpegValues, sine, valuesOf, type Wave } from "./testing/sounds.js";

const { CLIP, VOICE, BED } = SoundRole;
const S = 48_000;

function profileOf(values: Float32Array): LoudnessProfile {
  const meter = new LoudnessMeter();
  meter.push(values);
  return new LoudnessProfile(
    create(PcmIndexSchema, { samples: BigInt(values.length / 2), loudnessLufs: meter.finish() }),
  );
}

it.each([
  ["speech is brought to -16", -23, VOICE, 7],
  ["loud footage is lowered", -8, CLIP, -8],
  ["quiet footage is raised by 12 dB at most", -40, CLIP, 12],
  ["a quiet bed by more", -38, BED, 22],
  ["silence is left alone", -61, CLIP, 0],
  ["nothing is left alone", -Infinity, BED, 0],
])("%s", (_, lufs, role, gainDb) => {
  expect(levelGainDb(lufs, role)).toBe(gainDb);
});

describe("the loudness of an effect", () => {
  /** 1 kHz at -20 LUFS, of a given length. */
  const tone =
    (seconds: number): Wave =>
    (sample) =>
      sample < seconds * S ? sine(997, 0.1)(sample, 0) : 0;
  const loudness = (wave: Wave, seconds: number, from = 0) =>
    effectLoudness(profileOf(valuesOf(wave, Math.round(seconds * S))), from);

  it.each([
    ["long", 3, 3, -20],
    ["of 200 ms counts as 400 ms half silent", 0.2, 0.2, -23],
    ["with silence after it counts nearly the same", 0.2, 2, -24],
    ["of 100 ms may be 4 LU louder than speech in its loudest 100 ms", 0.1, 0.1, -24],
    ["of 20 ms too", 0.02, 0.02, -31],
  ])("of %s", (_, seconds, whole, lufs) => {
    expect(loudness(tone(seconds), whole)).toBeCloseTo(lufs, 0);
  });

  it("is measured from its offset on", () => {
    const wave: Wave = (sample) => (sample < S ? sine(997, 0.8)(sample, 0) : sine(997, 0.1)(sample, 0));
    expect(loudness(wave, 3, S)).toBeCloseTo(-20, 0);
  });

  it("makes its loudest 100 ms about as loud as those of speech at -16", async () => {
    const text = "Half price today, and free delivery for everybody who orders before noon.";
    await using speech = await openSpeech();
    const over = await Promise.all(
      ["rms", "slt", "awb"].map(async (voice) => {
        const lavfi = await speech.speak(text, voice);
        const profile = profileOf(await ffmpegValues([{ lavfi }], "[0:a]anull"));
        return profile.loudest(0, profile.samples) - profile.integrated(0, profile.samples);
      }),
    );
    expect(Math.min(...over)).toBeGreaterThan(3);
    expect(Math.max(...over)).toBeLessThan(6);
  });
});
