import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { encodeClip } from "@polyreel/media/clip";
import pLimit from "p-limit";
import type { Benchmark } from "../benchmark.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { encodeClipArguments } from "../instead/reencode.js";
import { inTurns } from "../measure/measure.js";
import { clipRecipe } from "../media/clips.js";
import { makeFootage } from "../media/footage.js";
import type { Workshop } from "../workshop.js";

export const clipsAtOnce: Benchmark = {
  title: "many clips at once",
  figures: {
    clipsAtOnce: { unit: "", about: "clips that are encoded: twice as many as cores, and one" },
    clipsAsManyAsCoresSeconds: { unit: "s", about: "time of them, as many at a time as cores, a thread each" },
    clipsOneMoreSeconds: { unit: "s", about: "time of them, one more at a time than cores" },
    clipsOneByOneSeconds: { unit: "s", about: "time of them one by one, each on all cores" },
  },
  run: benchClipsAtOnce,
};

/** Many short clips: several single-threaded programs compared with one that uses as many threads. */
async function benchClipsAtOnce(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { size, seconds } = scale.clip;
  const folder = await workshop.folder("clips-at-once");
  const cores = availableParallelism();
  const count = 2 * cores + 1;
  const sourcePath = await makeFootage(folder, 0, { size, seconds, signal });
  const recipe = clipRecipe(size, seconds);
  const one = async () => rm((await encodeClip(recipe, { sourcePath, signal, tempDir: folder })).payloadPath);
  const clips = Array.from({ length: count });
  const atATime = (limit: number) => {
    const free = pLimit(limit);
    return Promise.all(clips.map(() => free(one)));
  };
  const output = join(folder, "instead.mp4");
  const { asManyAsCores, oneMore, oneByOne } = await inTurns(
    scale.clip.atOnceRounds,
    {
      asManyAsCores: () => atATime(cores),
      oneMore: () => atATime(cores + 1),
      oneByOne: async () => {
        for (const _ of clips) await plainFfmpeg(encodeClipArguments(sourcePath, { size, seconds, output }), signal);
      },
    },
    { warmUp: false },
  );
  return {
    clipsAtOnce: count,
    clipsAsManyAsCoresSeconds: asManyAsCores.wallSeconds,
    clipsOneMoreSeconds: oneMore.wallSeconds,
    clipsOneByOneSeconds: oneByOne.wallSeconds,
  };
}
