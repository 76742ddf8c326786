import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { MediaContainer, TranscodeSchema } from "@polyreel/contract";
import { av1Encoder } from "@polyreel/media/ffmpeg";
import { ImageWorkers } from "@polyreel/media/image";
import { probe } from "@polyreel/media/probe";
import { makeFile } from "@polyreel/media/rendition";
import { visibleFiles } from "@polyreel/tests/testing/left-behind.js";
import { put } from "@polyreel/tests/testing/media.js";
import type { Benchmark } from "../benchmark.js";
import { measure } from "../measure/measure.js";
import { makeBed, makeFootages } from "../media/footage.js";
import { batchOf } from "../pipeline/batch.js";
import { deliver } from "../pipeline/deliver.js";
import { processesOf, usedCpu } from "../pipeline/used-cpu.js";
import type { Workshop } from "../workshop.js";

export const transcodedBatch: Benchmark = {
  title: "a batch as WebM",
  figures: {
    webm27: {
      goal: { atLeast: 8 },
      unit: "x",
      about: "CPU of one encode for each of the 27 videos as 720p WebM, over CPU of that output of the batch",
    },
    webm27CpuSeconds: { unit: "s", about: "CPU of all processes for the output" },
    webm27Seconds: { unit: "s", about: "time of it, from the submission to the end" },
    webmOneCpuSeconds: { unit: "s", about: "CPU of one such encode of a finished video" },
  },
  run: benchTracks,
};

const SHORT_SIDE = 720;

/**
 * The batch of 27 as 720p WebM (VP9 and Opus) through all services, after its MP4s were delivered, so that its clips
 * exist. The alternative makes the same of finished MP4s, whole, as a renderer does: probed, encoded, certified.
 */
async function benchTracks(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { size, blocks, choices, clipSeconds, sample } = scale.batch;
  const folder = await workshop.folder("tracks");
  const seconds = Array.from({ length: blocks * choices }, () => clipSeconds);
  const footage = await makeFootages(folder, { name: "tracks", seconds, size, signal });
  const bed = await makeBed(folder, signal);
  await using pipeline = await workshop.pipeline();
  const sources: string[] = [];
  for (const path of footage) sources.push(await put(pipeline, path));
  const shown = Array.from({ length: blocks }, (_, block) =>
    sources.slice(block * choices, (block + 1) * choices).map((sha256) => ({ sha256 })),
  );
  const batch = { size, blocks: shown, bedSha256: await put(pipeline, bed) };
  const inFolder = (path: string) => [{ kind: { case: "folder" as const, value: { path } } }];
  const mp4 = { operation: { case: "mp4" as const, value: {} }, to: inFolder("tracks-mp4") };
  await deliver(pipeline, batchOf({ ...batch, outputs: [mp4] }), signal);

  const shortSide = Math.min(SHORT_SIDE, 2 * Math.round(Math.min(size.width, size.height) / 3));
  const value = create(TranscodeSchema, { container: MediaContainer.WEBM, shortSide, background: "#000000" });
  const webm = { operation: { case: "transcode" as const, value }, to: inFolder("tracks-webm") };
  const processes = processesOf(pipeline);
  const before = usedCpu(processes);
  const { delivered, wallSeconds } = await deliver(pipeline, batchOf({ ...batch, outputs: [webm] }), signal);
  const cpuSeconds = usedCpu(processes) - before;

  const videos = (await visibleFiles(join(pipeline.out, "tracks-mp4"))).filter((name) => name.endsWith(".mp4"));
  const images = new ImageWorkers({ processes: 1 }); // Starts a program for a watermark only: nothing is to be closed.
  const work = { signal, tempDir: folder, images, track: 0, av1: await av1Encoder() };
  const instead = await measure(async () => {
    for (const name of videos.slice(0, sample)) {
      const path = join(pipeline.out, "tracks-mp4", name);
      await makeFile({ path, probe: await probe(path, { signal }) }, { case: "transcode", value }, work);
    }
  });
  const one = instead.cpuSeconds / sample;
  return {
    webm27: (one * delivered) / cpuSeconds,
    webm27CpuSeconds: cpuSeconds,
    webm27Seconds: wallSeconds,
    webmOneCpuSeconds: one,
  };
}
