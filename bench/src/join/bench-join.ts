import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { layOut, writeLayout } from "@polyreel/media/join";
import type { Benchmark } from "../benchmark.js";
import { copyByReadAndWrite } from "../instead/copy-file.js";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { reencodeArguments } from "../instead/reencode.js";
import { inTurns, measure } from "../measure/measure.js";
import type { Workshop } from "../workshop.js";
import { deliverer } from "./deliver-ready.js";
import { makeReadyCombination } from "./ready-parts.js";
import { streamCopier } from "./stream-copy.js";

const STREAM_COPIES = 5;
/** A single header takes less than the resolution of the CPU clock. */
const HEADERS = 100;

export const joining: Benchmark = {
  title: "joining ready parts",
  figures: {
    joinVsCopy: { goal: { atMost: 1.2 }, unit: "x", about: "CPU of one more video, over copying such a file" },
    joinVsReencode: {
      goal: { atLeast: 1500 },
      unit: "x",
      about: "CPU of encoding it from its sources, over joining it",
    },
    headerCpuMs: { goal: { atMost: 0.5 }, unit: "ms", about: "CPU of the header of one more video" },
    headerBytesPerSecond: { goal: { atMost: 600 }, unit: "B/s", about: "its size, by the seconds of the video" },
    joinVsStreamCopy: { unit: "x", about: "CPU of ffmpeg -c copy of ready clips and sound, over joining them" },
    joinWriteVsCopy: { unit: "x", about: "CPU of its layout and its bytes alone, over copying such a file" },
    joinCpuMs: { unit: "ms", about: "CPU of one more video of ready parts" },
    joinWallMs: { unit: "ms", about: "time of the same" },
    copyCpuMs: { unit: "ms", about: "CPU of copying it by read and write" },
    copyWallMs: { unit: "ms", about: "time of the same" },
    streamCopyCpuMs: { unit: "ms", about: "CPU of ffmpeg -c copy" },
    reencodeCpuMs: { unit: "ms", about: "CPU of encoding it from its sources" },
    joinMegabytes: { unit: "MB", about: "size of that video" },
    joinSeconds: { unit: "s", about: "its length" },
  },
  run: benchJoin,
};

/**
 * Another combination of ready parts, beside copying such a file, ffmpeg's stream copy, and encoding it from its
 * sources.
 */
async function benchJoin(workshop: Workshop) {
  const { scale, signal } = workshop;
  const folder = await workshop.folder("join");
  const ready = await makeReadyCombination(folder, workshop);
  const deliver = deliverer(ready, folder, signal);
  const whole = join(folder, "whole.mp4");
  const writtenPath = join(folder, "written.mp4");
  const copyPath = join(folder, "copy.mp4");
  await deliver("whole.mp4");
  const { size: bytes } = await stat(whole);
  const { parts, clips, sound } = ready;
  // Warm-up: code is compiled after some hundred runs.
  for (let i = 0; i < scale.join.before; i++) await deliver("joined.mp4");
  // Every video of a batch has a name of its own.
  let joinedName = "";
  let deliveries = 0;
  const { joined, written, copied, headed } = await inTurns(
    scale.join.rounds,
    {
      joined: () => {
        joinedName = `joined${++deliveries}.mp4`;
        return deliver(joinedName);
      },
      written: () => writeLayout(layOut(clips, sound), parts, writtenPath),
      copied: () => copyByReadAndWrite(whole, copyPath),
      headed: () => {
        for (let i = 0; i < HEADERS; i++) layOut(clips, sound);
      },
    },
    {
      tidy: () =>
        Promise.all([writtenPath, copyPath, join(folder, joinedName)].map((path) => rm(path, { force: true }))),
    },
  );

  const streamCopy = await streamCopier(ready, whole, folder, signal);
  const { streamCopied } = await inTurns(STREAM_COPIES, { streamCopied: streamCopy });
  const { footage, sounds, seconds } = ready;
  const output = join(folder, "reencoded.mp4");
  const command = reencodeArguments({ footage, sounds, seconds, muted: false, size: scale.join.size, output });
  const encoded = await measure(() => plainFfmpeg(command, signal));
  return {
    joinVsCopy: joined.cpuSeconds / copied.cpuSeconds,
    joinVsReencode: encoded.cpuSeconds / joined.cpuSeconds,
    headerCpuMs: (headed.cpuSeconds / HEADERS) * 1000,
    headerBytesPerSecond: layOut(clips, sound).header.length / seconds,
    joinVsStreamCopy: streamCopied.cpuSeconds / joined.cpuSeconds,
    joinWriteVsCopy: written.cpuSeconds / copied.cpuSeconds,
    joinCpuMs: joined.cpuSeconds * 1000,
    joinWallMs: joined.wallSeconds * 1000,
    copyCpuMs: copied.cpuSeconds * 1000,
    copyWallMs: copied.wallSeconds * 1000,
    streamCopyCpuMs: streamCopied.cpuSeconds * 1000,
    reencodeCpuMs: encoded.cpuSeconds * 1000,
    joinMegabytes: bytes / 1e6,
    joinSeconds: seconds,
  };
}
