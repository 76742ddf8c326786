import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type DestinationSchema, Overrun, SubtitleFormat } from "@polyreel/contract";
import { runFfmpeg, runFfprobe } from "@polyreel/media/ffmpeg";
import { CHROMIUM, playThrough } from "@polyreel/media/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, labels, runBatch } from "./testing/batches.js";
import { footage, video, voice } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const bounds = { signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 20 };
const TO: MessageInitShape<typeof DestinationSchema>[] = [
  { kind: { case: "folder", value: { path: "all" } } },
  { kind: { case: "virtual", value: {} } },
];

let pipeline: Pipeline;
let ended: Ended;

beforeAll(async () => {
  pipeline = await startPipeline();
  const film = await put(pipeline, await makeFootage(pipeline.folder, "film.mp4", { seconds: 1 }));
  const of = (language: string) => ({
    operation: { case: "subtitles" as const, value: { format: SubtitleFormat.SRT, language } },
    to: TO,
  });
  ended = await runBatch(pipeline, {
    naming: "{speaker}",
    blocks: [
      video("film", { choices: [footage("film", film)] }),
      voice("speaker", {
        overrun: Overrun.EXTEND,
        choices: [
          {
            ...{ label: "half", text: "Half price.", voice: "rms" },
            translations: { de: "Zum halben Preis.", ar: "بنصف السعر." },
            next: [
              {
                text: "Come <i>in</i> & look!",
                translations: { de: "Komm herein, sieh --> dich um! 🎉", ar: "ادخل!" },
              },
            ],
          },
          { label: "quiet", text: "" },
        ],
      }),
    ],
    outputs: [
      { operation: { case: "mp4", value: { subtitles: true } }, to: TO },
      { name: "untitled", operation: { case: "mp4", value: {} }, to: TO },
      of(""),
      of("de"),
      of("ar"),
    ],
  });
});
afterAll(() => pipeline?.close());

const path = (name: string) => join(pipeline.out, "all", name);
const probed = async (name: string) =>
  JSON.parse(await runFfprobe(["-show_streams", "-show_format", "-of", "json", path(name)], bounds));

/** Extracts a stream as it is, or its packets' times and hashes. */
async function extract(name: string, ...options: string[]): Promise<string> {
  const chunks: Buffer[] = [];
  const onStdout = (chunk: Buffer) => void chunks.push(chunk);
  await runFfmpeg({ ...bounds, inputs: [{ file: path(name) }], outputs: [{ stdout: true, options }], onStdout });
  return Buffer.concat(chunks).toString("utf8");
}

const combination = (label: string) => ended.combinations.find((one) => labels(one) === label);

it("has the cues of the files beside it, in each language, off until they are selected", async () => {
  expect(ended.status.combinations).toMatchObject({ total: 2n, delivered: 2n });
  const { streams } = await probed("half.mp4");
  expect(streams.slice(2)).toMatchObject(
    ["eng", "ara", "deu"].map((language) => ({
      codec_name: "mov_text",
      tags: { language },
      disposition: { default: 0 },
    })),
  );
  for (const [stream, suffix] of [".srt", ".ar.srt", ".de.srt"].entries()) {
    // Without the marks that keep players from reading text as markup, which files need and tracks do not.
    const beside = (await readFile(path(`half${suffix}`), "utf8")).replaceAll("\r", "").replaceAll("\u2060", "");
    expect((await extract("half.mp4", "-map", `0:s:${stream}`, "-f", "srt")).replaceAll("\r", "")).toBe(beside);
    expect(beside).toMatch(/^1\n00:00:00,\d{3} --> /);
  }
  const { certificate } = combination("film/half")?.outputs[0] ?? {};
  expect(certificate?.operation.value).toMatchObject({
    subtitleTracks: [
      { language: "en-US", cues: 2 },
      { language: "ar", cues: 2 },
      { language: "de", cues: 2 },
    ],
  });
});

it("changes neither packets nor length of the video", async () => {
  for (const stream of ["v", "a"]) {
    const options = ["-map", `0:${stream}`, "-c", "copy", "-f", "framemd5"];
    expect(await extract("half.mp4", ...options)).toBe(await extract("half.untitled.mp4", ...options));
  }
  const [titled, untitled] = [await probed("half.mp4"), await probed("half.untitled.mp4")];
  expect(titled.format.duration).toBe(untitled.format.duration);
});

it("is the same video without speech", async () => {
  expect(await readFile(path("quiet.mp4"))).toEqual(await readFile(path("quiet.untitled.mp4")));
});

it("is served as it is written, whole and in ranges", async () => {
  const { outputs } = combination("film/half") ?? {};
  const file = await readFile(path("half.mp4"));
  for (const output of outputs?.slice(0, 2) ?? []) {
    const whole = await fetch(pipeline.url + output.urlPath);
    expect(await buffer(whole.body as unknown as AsyncIterable<Uint8Array>)).toEqual(file);
    for (const [from, to] of [
      [0, 99],
      [3000, 5500],
      [file.length - 50, file.length - 1],
    ] as const) {
      const range = await fetch(pipeline.url + output.urlPath, { headers: { range: `bytes=${from}-${to}` } });
      expect(range.status).toBe(206);
      expect(Buffer.from(await range.arrayBuffer())).toEqual(file.subarray(from, to + 1));
    }
  }
});

it("plays in Chromium with every frame once", async ({ skip }) => {
  skip(!CHROMIUM, "needs Chromium");
  const { streams, format } = await probed("half.mp4");
  const frames = Number(streams[0].nb_frames);
  expect(await playThrough(path("half.mp4"), frames)).toMatchObject({
    ...{ error: "", inOrder: true, stalls: 0 },
    durationSeconds: expect.closeTo(Number(format.duration), 2),
    frameTimes: expect.objectContaining({ length: frames }),
  });
}, 120_000);
