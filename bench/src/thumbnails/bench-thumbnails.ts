import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { StoryboardSchema, ThumbnailSchema } from "@polyreel/contract";
import { av1Encoder } from "@polyreel/media/ffmpeg";
import { ImageWorkers } from "@polyreel/media/image";
import { sourceThumbnail } from "@polyreel/media/operations";
import { probe } from "@polyreel/media/probe";
import { makeFile } from "@polyreel/media/rendition";
import type { Benchmark } from "../benchmark.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { storyboardArguments, thumbnailArguments } from "../instead/thumbnail.js";
import { inTurns } from "../measure/measure.js";
import { makeFootage } from "../media/footage.js";
import type { Workshop } from "../workshop.js";

export const thumbnails: Benchmark = {
  title: "thumbnails",
  figures: {
    thumbnailsVsFfmpeg: {
      goal: { atMost: 1.5 },
      unit: "x",
      about: "CPU of thumbnails spread over a video, over plain ffmpeg commands",
    },
    thumbnailsTime: { unit: "x", about: "time of them, over those commands" },
    thumbnailCpuMs: { unit: "ms", about: "CPU of one thumbnail" },
    bestVsOne: { unit: "x", about: "CPU of the best frame of a video, over one plain command for a frame" },
    storyboardVsFfmpeg: { unit: "x", about: "CPU of a storyboard, over the plain command with tile" },
  },
  run: benchThumbnails,
};

const WIDTH = 320;
const TILE = { width: 160, columns: 10 };

/**
 * Thumbnails one after the other as by the renderer (the input probed once, the JPEG written to a file), beside a script
 * that starts ffmpeg for each. A storyboard has a tile a second.
 */
async function benchThumbnails(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { count, bestCount, size, seconds, rounds } = scale.thumbnails;
  const tempDir = await workshop.folder("thumbnails");
  const path = await makeFootage(tempDir, 0, { size, seconds, signal });
  const file = join(tempDir, "thumbnail.jpg");
  const work = { signal, tempDir };
  const probed = async () => ({ path, probe: await probe(path, { signal }) });
  const ours = async () => {
    const source = await probed();
    for (let number = 1; number <= count; number++) {
      const thumbnail = create(ThumbnailSchema, { count, number, width: WIDTH });
      await writeFile(file, (await sourceThumbnail(source, thumbnail, work)).payload);
    }
  };
  const best = async () => {
    const source = await probed();
    for (let i = 0; i < bestCount; i++) {
      const thumbnail = create(ThumbnailSchema, { best: true, width: WIDTH });
      await writeFile(file, (await sourceThumbnail(source, thumbnail, work)).payload);
    }
  };
  const storyboard = async () => {
    const value = create(StoryboardSchema, { ...TILE, interval: { seconds: 1n } });
    const rendition = { ...work, images: new ImageWorkers({ processes: 1 }), av1: await av1Encoder(), track: 0 };
    await rm((await makeFile(await probed(), { case: "storyboard", value }, rendition)).payloadPath);
  };
  const taken = await inTurns(
    rounds,
    {
      ours,
      instead: async () => {
        for (let i = 0; i < count; i++)
          await plainFfmpeg(thumbnailArguments(path, ((i + 0.5) * seconds) / count, WIDTH, file), signal);
      },
      best,
      storyboard,
      insteadStoryboard: () => {
        const rows = Math.ceil(seconds / TILE.columns);
        return plainFfmpeg(storyboardArguments(path, { everySeconds: 1, ...TILE, rows }, file), signal);
      },
    },
    { warmUp: false },
  );
  return {
    thumbnailsVsFfmpeg: taken.ours.cpuSeconds / taken.instead.cpuSeconds,
    thumbnailsTime: taken.ours.wallSeconds / taken.instead.wallSeconds,
    thumbnailCpuMs: (1000 * taken.ours.cpuSeconds) / count,
    bestVsOne: taken.best.cpuSeconds / bestCount / (taken.instead.cpuSeconds / count),
    storyboardVsFfmpeg: taken.storyboard.cpuSeconds / taken.insteadStoryboard.cpuSeconds,
  };
}
