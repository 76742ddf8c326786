import { rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type SoundRecipe, SoundRecipeSchema, SoundRole } from "@polyreel/contract";
import { decodePcm } from "@polyreel/media/sound/decode.js";
import { mixSound } from "@polyreel/media/sound/mix.js";
import type { Benchmark } from "../benchmark.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { mixArguments } from "../instead/mix.js";
import { inTurns } from "../measure/measure.js";
import { makeBed, makeFootage, makeVoice } from "../media/footage.js";
import type { Workshop } from "../workshop.js";

const SAMPLE_RATE = 48_000;
const SIZE = { width: 180, height: 320 };

export const soundtracks: Benchmark = {
  title: "soundtracks",
  figures: {
    soundtrackCpuMs: { goal: { atMost: 160 }, unit: "ms", about: "CPU of one more distinct soundtrack" },
    soundtrackWallMs: { unit: "ms", about: "time of one more distinct soundtrack" },
    soundtrackInsteadCpuMs: { unit: "ms", about: "CPU of one ffmpeg command mixing it, without any loudness" },
    soundtrackSeconds: { unit: "s", about: "its length" },
  },
  run: benchSound,
};

/**
 * One more distinct soundtrack: the clip's own sound, a voice, and a bed that is lowered under it. Every round mixes another
 * one (the voice begins elsewhere) from sounds that were decoded before, as in a batch.
 */
async function benchSound(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { seconds, soundtracks } = scale.sound;
  const folder = await workshop.folder("sound");
  const making = { signal, tempDir: folder };
  const paths = [
    await makeFootage(folder, 0, { size: SIZE, seconds, signal }),
    await makeVoice(folder, seconds / 3, signal),
    await makeBed(folder, signal),
  ];
  const pcm = await Promise.all(paths.map((path) => decodePcm(path, { zeroAt: "audio", ...making })));
  const voiceSamples = Number(pcm[1]?.index.samples ?? 0n);
  const voiceStart = (round: number) =>
    Math.round(seconds * SAMPLE_RATE * (0.1 + (0.4 * (round + 1)) / (soundtracks + 1)));
  const output = join(folder, "instead.m4a");

  const { ours, instead } = await inTurns(soundtracks, {
    ours: async (round) => {
      const { payloadPath } = await mixSound(recipeOf(seconds, voiceStart(round), voiceSamples), pcm, making);
      await rm(payloadPath);
    },
    instead: (round) =>
      plainFfmpeg(mixArguments(paths, { voiceStartSeconds: voiceStart(round) / SAMPLE_RATE, seconds, output }), signal),
  });
  return {
    soundtrackCpuMs: ours.cpuSeconds * 1000,
    soundtrackWallMs: ours.wallSeconds * 1000,
    soundtrackInsteadCpuMs: instead.cpuSeconds * 1000,
    soundtrackSeconds: seconds,
  };
}

/** Lengths and places in samples. */
function recipeOf(seconds: number, voiceStart: number, voiceSamples: number): SoundRecipe {
  const samples = BigInt(seconds * SAMPLE_RATE);
  return create(SoundRecipeSchema, {
    samples,
    events: [
      { role: SoundRole.CLIP, samples },
      { role: SoundRole.VOICE, start: BigInt(voiceStart), samples: BigInt(voiceSamples) },
      { role: SoundRole.BED, samples, gainDb: -12, duck: true, loop: true },
    ],
  });
}
