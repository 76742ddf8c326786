import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type SoundRecipe, SoundRecipeSchema, SoundRole } from "@polyreel/contract";
import { decodePcm, mixSound, SoundEncoder } from "@polyreel/media/sound";
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
    soundtrackCpuMs: { goal: { atMost: 160 }, unit: "ms", about: "CPU of one more distinct soundtrack of many" },
    soundtrackWallMs: { unit: "ms", about: "time of one more distinct soundtrack of many" },
    soundtrackAloneCpuMs: { unit: "ms", about: "CPU of a soundtrack when no other waits" },
    soundtrackAloneWallMs: { unit: "ms", about: "time of the same" },
    soundtrackInsteadCpuMs: { unit: "ms", about: "CPU of one ffmpeg command mixing it, without any loudness" },
    soundtrackSeconds: { unit: "s", about: "its length" },
  },
  run: benchSound,
};

/**
 * Another distinct soundtrack of many: the clip's own sound, a voice, and a ducked bed. The voice begins elsewhere in
 * each. They are mixed from sounds decoded before, and encoded several per process, as in a batch with a queue; and one
 * alone, as without a queue.
 */
async function benchSound(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { seconds, soundtracks, rounds } = scale.sound;
  const folder = await workshop.folder("sound");
  const making = { signal, tempDir: folder };
  const paths = [
    await makeFootage(folder, 0, { size: SIZE, seconds, signal }),
    await makeVoice(folder, seconds / 3, signal),
    await makeBed(folder, signal),
  ];
  const decoded = await Promise.all(paths.map((path) => decodePcm(path, { zeroAt: "audio", ...making })));
  // In memory, like the store of parts.
  const pcm = await Promise.all(decoded.map(async (input) => ({ ...input, bytes: await readFile(input.path) })));
  const voiceSamples = Number(pcm[1]?.index.samples ?? 0n);
  const voiceStart = (one: number) => Math.round(seconds * SAMPLE_RATE * (0.1 + (0.4 * (one + 1)) / (soundtracks + 1)));
  const encoder = new SoundEncoder({ processes: 1, tempDir: folder });
  const mix = async (one: number) => {
    const tempDir = join(folder, `soundtrack-${one}`);
    await mkdir(tempDir, { recursive: true });
    await mixSound(recipeOf(seconds, voiceStart(one), voiceSamples), pcm, { ...making, tempDir, encoder });
    await rm(tempDir, { recursive: true });
  };
  const output = join(folder, "instead.m4a");

  const { together, alone, instead } = await inTurns(rounds, {
    together: () => Promise.all(Array.from({ length: soundtracks }, (_, one) => mix(one))),
    alone: (round) => mix(round),
    instead: (round) =>
      plainFfmpeg(mixArguments(paths, { voiceStartSeconds: voiceStart(round) / SAMPLE_RATE, seconds, output }), signal),
  });
  return {
    soundtrackCpuMs: (together.cpuSeconds * 1000) / soundtracks,
    soundtrackWallMs: (together.wallSeconds * 1000) / soundtracks,
    soundtrackAloneCpuMs: alone.cpuSeconds * 1000,
    soundtrackAloneWallMs: alone.wallSeconds * 1000,
    soundtrackInsteadCpuMs: instead.cpuSeconds * 1000,
    soundtrackSeconds: seconds,
  };
}

/** Lengths and positions in samples. */
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
