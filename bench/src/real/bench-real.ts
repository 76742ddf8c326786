import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BatchSchema } from "@polyreel/contract";
import { audio, bed, footage, video } from "@polyreel/tests/testing/blocks.js";
import { durationOf } from "@polyreel/tests/testing/duration.js";
import { put } from "@polyreel/tests/testing/media.js";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import type { Benchmark } from "../benchmark.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { reencodeArguments } from "../instead/reencode.js";
import { measure } from "../measure/measure.js";
import { deliver } from "../pipeline/deliver.js";
import { FRAME_RATE, type Size } from "../scale.js";
import type { Workshop } from "../workshop.js";
import { isRight } from "./is-right.js";
import { combinationsOf, nameOf, type RecordedBatch, type Recording, recordedBatch } from "./recordings.js";

export const recordings: Benchmark = {
  title: "recordings of cameras",
  figures: Object.fromEntries(
    Object.entries({
      realVsReencode: {
        unit: "x",
        about: "time of encoding mismatched recordings one by one, over the batch",
      } as const,
      realVideos: { unit: "", about: "combinations of them" } as const,
      realRight: { unit: "", about: "of those right: decoded, frames counted, sound as long as the picture" } as const,
      realInsteadRight: { unit: "", about: "of those that the plain command makes" } as const,
      realSeconds: { unit: "s", about: "from the submission to the batch's end" } as const,
      realInsteadSeconds: { unit: "s", about: "encoding as many, from those that came out" } as const,
    }).map(([name, about]) => [name, { ...about, unless: "no media" }]),
  ),
  run: benchReal,
};

const GAIN_DB = -12;

/** Real, mismatched recordings, beside the plain command for each combination; and how many results are correct. */
async function benchReal(workshop: Workshop) {
  const { scale, signal } = workshop;
  const { size, blocks, clipSeconds } = scale.real;
  const batch = recordedBatch(blocks, clipSeconds);
  if (!batch) return {};
  const folder = await workshop.folder("real");
  const combinations = combinationsOf(batch);
  const right = async (pathOf: (combination: Recording[]) => string) => {
    let count = 0;
    for (const combination of combinations) if (await plays(pathOf(combination), combination, signal)) count++;
    return count;
  };

  const ours = await ourVideos(batch, size, right, workshop);
  const instead = (combination: Recording[]) => join(folder, `${nameOf(combination)}.mp4`);
  let came = 0;
  let seconds = 0;
  for (const combination of combinations) {
    const command = plainCommand(combination, batch.bed, size, instead(combination));
    const taken = await measure(() => plainFfmpeg(command, signal)).catch(() => undefined);
    signal.throwIfAborted();
    if (!taken) continue;
    came++;
    seconds += taken.wallSeconds;
  }
  const insteadSeconds = (seconds / came) * combinations.length;
  return {
    realVsReencode: insteadSeconds / ours.wallSeconds,
    realVideos: combinations.length,
    realRight: ours.right,
    realInsteadRight: await right(instead),
    realSeconds: ours.wallSeconds,
    realInsteadSeconds: insteadSeconds,
  };
}

async function ourVideos(
  batch: RecordedBatch,
  size: Size,
  right: (pathOf: (combination: Recording[]) => string) => Promise<number>,
  workshop: Workshop,
) {
  await using pipeline = await workshop.pipeline();
  const { wallSeconds } = await deliver(pipeline, await requestOf(batch, size, pipeline), workshop.signal);
  // Receipts have their videos' names.
  const files = (await readdir(pipeline.out, { recursive: true })).filter((file) => !file.includes(".polyreel"));
  const found = (name: string) => join(pipeline.out, files.find((file) => file.endsWith(`${name}.mp4`)) ?? name);
  return { wallSeconds, right: await right((combination) => found(nameOf(combination))) };
}

async function requestOf(
  { blocks, bed: song }: RecordedBatch,
  size: Size,
  pipeline: Pipeline,
): Promise<MessageInitShape<typeof BatchSchema>> {
  const choiceOf = async ({ label, path, startSeconds, seconds }: Recording) =>
    footage(label, await put(pipeline, path), {
      trim: { start: durationOf(startSeconds), duration: durationOf(seconds) },
    });
  const shown: ReturnType<typeof video>[] = [];
  for (const [i, choices] of blocks.entries()) {
    const made: Awaited<ReturnType<typeof choiceOf>>[] = [];
    for (const choice of choices) made.push(await choiceOf(choice));
    shown.push(video(`block${i}`, { choices: made }));
  }
  return {
    name: "recordings",
    canvas: { ...size, frameRate: FRAME_RATE },
    naming: blocks.map((_, i) => `{block${i}}`).join("-"),
    blocks: [
      ...shown,
      audio("song", { gainDb: GAIN_DB, loop: true, choices: [bed("guitar", await put(pipeline, song))] }),
    ],
  };
}

/** A typical command: it does not handle recordings without sound. */
function plainCommand(combination: readonly Recording[], song: string, size: Size, output: string): string[] {
  const seconds = combination.reduce((sum, one) => sum + one.seconds, 0);
  const footage = combination.map(({ path, startSeconds, seconds }) => ({ path, startSeconds, seconds }));
  return reencodeArguments({ footage, sounds: [song], muted: false, size, seconds, output });
}

function plays(path: string, combination: readonly Recording[], signal: AbortSignal): Promise<boolean> {
  const frames = combination.reduce((sum, { seconds }) => sum + Math.round(seconds * FRAME_RATE), 0);
  return isRight(path, { frames, clips: combination.length, frameRate: FRAME_RATE, signal });
}
