import { rm } from "node:fs/promises";
import { create } from "@bufbuild/protobuf";
import { MediaContainer, TranscodeSchema } from "@polyreel/contract";
import { av1Encoder } from "@polyreel/media/ffmpeg";
import { ImageWorkers } from "@polyreel/media/image";
import { probe } from "@polyreel/media/probe";
import { makeFile } from "@polyreel/media/rendition";
import type { Benchmark } from "../benchmark.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { transcodeArguments } from "../instead/transcode.js";
import { inTurns } from "../measure/measure.js";
import { makeFootage } from "../media/footage.js";
import { FRAME_RATE } from "../scale.js";
import type { Workshop } from "../workshop.js";

export const transcodes: Benchmark = {
  title: "transcodes",
  figures: {
    transcode: { goal: { atMost: 1.05 }, unit: "x", about: "CPU of 1080p to 720p, over the plain ffmpeg command" },
    transcodeTime: { unit: "x", about: "time of it, over that command" },
    transcodeCpuSeconds: { unit: "s", about: "CPU of it" },
    ladderVsThree: { unit: "x", about: "CPU of 480p, 720p and 1080p of one input, over three plain commands" },
    ladderVsSplit: { unit: "x", about: "CPU of them, over one plain command that decodes once" },
    ladderTime: { unit: "x", about: "time of them, over three plain commands" },
  },
  run: benchTranscodes,
};

const HEIGHT = 720;
/** As fractions of that of the footage: 480, 720 and 1080. */
const LADDER = [4 / 9, 2 / 3, 1];

/**
 * Transcodes as by the renderer (probed once, encoded, certified by reading the file) beside plain commands with the same
 * encoder settings and threads. The sound is copied.
 */
async function benchTranscodes(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { size, seconds, rounds } = scale.transcode;
  const folder = await workshop.folder("transcodes");
  const path = await makeFootage(folder, 0, { size, seconds, signal });
  const av1 = await av1Encoder();
  const images = new ImageWorkers({ processes: 1 }); // Starts a program for a watermark only: nothing is to be closed.
  const ours = async (heights: readonly number[]) => {
    const source = { path, probe: await probe(path, { signal }) };
    for (const height of heights) {
      // Another quality than the footage's, which would be copied at its own size.
      const value = create(TranscodeSchema, { container: MediaContainer.MP4, height, crf: 23, background: "#000000" });
      const work = { signal, tempDir: folder, av1, images, track: 0 };
      await rm((await makeFile(source, { case: "transcode", value }, work)).payloadPath);
    }
  };
  const one = Math.min(HEIGHT, 2 * Math.round(size.height / 3));
  const ladder = LADDER.map((share) => 2 * Math.round((size.height * share) / 2));
  const frames = Math.round(seconds * FRAME_RATE);
  const plain = (height: number) =>
    plainFfmpeg(transcodeArguments(path, { folder, frames, heights: [height] }), signal);
  const taken = await inTurns(
    rounds,
    {
      ours: () => ours([one]),
      instead: () => plain(one),
      oursLadder: () => ours(ladder),
      insteadThree: async () => {
        for (const height of ladder) await plain(height);
      },
      insteadSplit: () => plainFfmpeg(transcodeArguments(path, { folder, frames, heights: ladder }), signal),
    },
    { warmUp: false },
  );
  return {
    transcode: taken.ours.cpuSeconds / taken.instead.cpuSeconds,
    transcodeTime: taken.ours.wallSeconds / taken.instead.wallSeconds,
    transcodeCpuSeconds: taken.ours.cpuSeconds,
    ladderVsThree: taken.oursLadder.cpuSeconds / taken.insteadThree.cpuSeconds,
    ladderVsSplit: taken.oursLadder.cpuSeconds / taken.insteadSplit.cpuSeconds,
    ladderTime: taken.oursLadder.wallSeconds / taken.insteadThree.wallSeconds,
  };
}
