import { SoundRole } from "@polyreel/contract";
import { expect, it } from "vitest";
import { levelGainDb } from "./level.js";
import { LoudnessProfile } from "./loudness-profile.js";
import { SAMPLE_RATE } from "./pcm.js";
import { soundWarnings } from "./sound-warnings.js";
import { soundEvent } from "./testing/sounds.js";

/** Warnings about a second of a sound of constant loudness. */
const warningsOf = (role: SoundRole, lufs: number) => {
  const profile = new LoudnessProfile({ samples: BigInt(SAMPLE_RATE), loudnessLufs: Array(10).fill(lufs) });
  const input = { from: 0, to: SAMPLE_RATE };
  return soundWarnings([{ event: 0, profile, input }], { events: [soundEvent(role, { samples: SAMPLE_RATE })] });
};

it.each([-39, -25, -5])("levels a line of speech at %i LUFS to that of others, without a warning", (lufs) => {
  expect(lufs + levelGainDb(lufs, SoundRole.VOICE)).toBe(-16);
  expect(warningsOf(SoundRole.VOICE, lufs)).toEqual([]);
});

it("warns about a line of speech that stays quieter than others", () => {
  expect(warningsOf(SoundRole.VOICE, -52)).toEqual([
    "A line of speech is at -52 LUFS: below -40 LUFS a line stays quieter than others. Record it louder, or use another voice.",
  ]);
});

it("warns about music that counts as silent, not about quiet music", () => {
  expect(warningsOf(SoundRole.BED, -65)).toEqual([
    "The music is at -65 LUFS: below -60 LUFS a sound counts as silent and is not raised.",
  ]);
  expect(warningsOf(SoundRole.BED, -52)).toEqual([]);
  expect(warningsOf(SoundRole.CLIP, -65)).toEqual([]);
});
