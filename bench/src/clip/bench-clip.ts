import { rm } from "node:fs/promises";
import { join } from "node:path";
import { encodeClip } from "@polyreel/media/clip";
import type { Benchmark } from "../benchmark.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { encodeClipArguments } from "../instead/reencode.js";
import { inTurns } from "../measure/measure.js";
import { clipRecipe } from "../media/clips.js";
import { makeFootage } from "../media/footage.js";
import type { Workshop } from "../workshop.js";

/** Threads for a short clip, and for the command that it is compared with. */
const THREADS = 1;

export const clip: Benchmark = {
  title: "one clip",
  figures: {
    clip: { goal: { atMost: 1.05 }, unit: "x", about: "time of one clip, over the plain ffmpeg command" },
    clipSeconds: { unit: "s", about: "time of one clip" },
    clipInsteadSeconds: { unit: "s", about: "time of the plain command, as many threads" },
    clipInsteadAllCoresSeconds: { unit: "s", about: "time of the plain command, all cores" },
    clipCpuMs: { unit: "ms", about: "CPU of one clip" },
    clipInsteadCpuMs: { unit: "ms", about: "CPU of the plain command, as many threads" },
    clipInsteadAllCoresCpuMs: { unit: "ms", about: "CPU of the plain command, all cores" },
  },
  run: benchClip,
};

/** A clip as made by the renderer (probed, encoded, its packets indexed) beside the plain command that encodes it. */
async function benchClip(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { size, seconds, rounds } = scale.clip;
  const folder = await workshop.folder("clip");
  const sourcePath = await makeFootage(folder, 0, { size, seconds, signal });
  const recipe = clipRecipe(size, seconds);
  const output = join(folder, "instead.mp4");
  const plain = { size, seconds, output };
  const { ours, sameThreads, allCores } = await inTurns(
    rounds,
    {
      ours: async () => rm((await encodeClip(recipe, { sourcePath, signal, tempDir: folder })).payloadPath),
      sameThreads: () => plainFfmpeg(encodeClipArguments(sourcePath, { ...plain, threads: THREADS }), signal),
      allCores: () => plainFfmpeg(encodeClipArguments(sourcePath, plain), signal),
    },
    { warmUp: false },
  );
  return {
    clip: ours.wallSeconds / sameThreads.wallSeconds,
    clipSeconds: ours.wallSeconds,
    clipInsteadSeconds: sameThreads.wallSeconds,
    clipInsteadAllCoresSeconds: allCores.wallSeconds,
    clipCpuMs: ours.cpuSeconds * 1000,
    clipInsteadCpuMs: sameThreads.cpuSeconds * 1000,
    clipInsteadAllCoresCpuMs: allCores.cpuSeconds * 1000,
  };
}
