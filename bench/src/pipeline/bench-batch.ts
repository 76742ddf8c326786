import { availableParallelism } from "node:os";
import { join } from "node:path";
import { encodeClip } from "@polyreel/media/clip/encode.js";
import { put } from "@polyreel/tests/testing/media.js";
import { startPipeline } from "@polyreel/tests/testing/pipeline.js";
import pLimit from "p-limit";
import type { Benchmark } from "../benchmark.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { reencodeArguments } from "../instead/reencode.js";
import { measure } from "../measure/measure.js";
import { clipRecipe } from "../media/clips.js";
import { makeBed, makeFootage } from "../media/footage.js";
import type { Workshop } from "../workshop.js";
import { batchOf, type Shown } from "./batch.js";
import { deliver } from "./deliver.js";

const BLOCKS = 3;
const CHOICES = 3;
const COMBINATIONS = CHOICES ** BLOCKS;

export const batchOf27: Benchmark = {
  title: "a batch of 27",
  figures: {
    firstVideo: { goal: { atMost: 1.3 }, unit: "x", about: "time to the first video, over encoding just its clips" },
    endToEnd27: { goal: { atLeast: 8 }, unit: "x", about: "time of encoding 27 videos one by one, over the batch" },
    firstVideoSeconds: { unit: "s", about: "from the submission to the first video" },
    firstVideoClipsSeconds: { unit: "s", about: "encoding just its clips" },
    endToEnd27Seconds: { unit: "s", about: "from the submission to the batch's end" },
    endToEnd27InsteadSeconds: { unit: "s", about: "encoding 27 videos, from the sample" },
    endToEnd27InsteadSampled: { unit: "", about: "videos in that sample" },
    servicesStartSeconds: { unit: "s", about: "start of all services, not counted" },
  },
  run: benchBatch,
};

/**
 * A batch of 27 through all services, from the submission to its end, beside encoding each combination from its sources with
 * one command, one after the other. Of those only a sample is encoded: they are equally long, and cost the same.
 */
async function benchBatch(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { size, clipSeconds, sample } = scale.batch;
  const folder = await workshop.folder("batch");
  const making = { size, seconds: clipSeconds, signal };
  const footage: string[] = [];
  for (let i = 0; i < BLOCKS * CHOICES; i++) footage.push(await makeFootage(folder, i, making));
  const bed = await makeBed(folder, signal);

  const began = performance.now();
  const pipeline = await startPipeline();
  const startSeconds = (performance.now() - began) / 1000;
  const ours = await (async () => {
    try {
      const sources: Shown[] = [];
      for (const path of footage) sources.push({ sha256: await put(pipeline, path) });
      const blocks = Array.from({ length: BLOCKS }, (_, i) => sources.slice(i * CHOICES, (i + 1) * CHOICES));
      return await deliver(pipeline, batchOf({ size, blocks, bedSha256: await put(pipeline, bed) }), signal);
    } finally {
      await pipeline.close();
    }
  })();
  if (ours.delivered !== COMBINATIONS) throw new Error(`${ours.delivered} of ${COMBINATIONS} videos were delivered.`);

  // The first combination takes the first choice of every block.
  const first = footage.filter((_, i) => i % CHOICES === 0);
  const atOnce = pLimit(availableParallelism());
  const recipe = clipRecipe(size, clipSeconds);
  const itsClips = await measure(() =>
    Promise.all(first.map((sourcePath) => atOnce(() => encodeClip(recipe, { sourcePath, signal, tempDir: folder })))),
  );
  const instead = await measure(async () => {
    for (let i = 0; i < sample; i++) {
      const shown = Array.from({ length: BLOCKS }, (_, block) => footage[block * CHOICES + (i % CHOICES)] ?? "");
      const output = join(folder, `instead-${i}.mp4`);
      const whole = { footage: shown, sounds: [bed], muted: true, size, seconds: BLOCKS * clipSeconds, output };
      await plainFfmpeg(reencodeArguments(whole), signal);
    }
  });
  const insteadSeconds = (instead.wallSeconds / sample) * COMBINATIONS;
  return {
    endToEnd27: insteadSeconds / ours.wallSeconds,
    firstVideo: ours.firstSeconds / itsClips.wallSeconds,
    endToEnd27Seconds: ours.wallSeconds,
    endToEnd27InsteadSeconds: insteadSeconds,
    endToEnd27InsteadSampled: sample,
    firstVideoSeconds: ours.firstSeconds,
    firstVideoClipsSeconds: itsClips.wallSeconds,
    servicesStartSeconds: startSeconds,
  };
}
