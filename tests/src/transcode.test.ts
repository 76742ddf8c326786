import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  AudioFormat,
  type BatchSchema,
  BatchState,
  CombinationState,
  FailureCode,
  MediaContainer,
  VideoCodec,
} from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countsOf, endOfRun, resumed } from "./rework/runs.js";
import { type Ended, endOf, labels, manifestOf, runBatch, submit } from "./testing/batches.js";
import { programsOf, visibleFiles } from "./testing/left-behind.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;
type Outputs = NonNullable<BatchInit["outputs"]>;

const { DELIVERED, FAILED } = CombinationState;
const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };
const OUTPUTS: Outputs = [
  {
    name: "web",
    operation: { case: "transcode", value: { preset: "web-480p" } },
    to: [folder("web"), folder("copies")],
  },
  {
    name: "small",
    operation: { case: "transcode", value: { container: MediaContainer.WEBM, shortSide: 90, ssim: { min: 0.5 } } },
    to: [VIRTUAL],
  },
];

let pipeline: Pipeline;
let first: Ended;

const inOut = (...path: string[]) => join(pipeline.out, ...path);
/** Decodes all of a file; returns the errors. */
const faultsOf = async (path: string) =>
  (await promisify(execFile)("ffmpeg", ["-v", "error", "-i", path, "-f", "null", "-"])).stderr;
const combination = ({ combinations }: Ended, label: string) => combinations.find((one) => labels(one) === label);
const statesOf = (ended: Ended, label: string) =>
  combination(ended, label)?.outputs.map(({ name, state, path }) => [name, state, path]);
const input = async (path: string, label: string) => ({
  label,
  source: { name: `${label}.mp4`, location: { case: "sha256" as const, value: await put(pipeline, path) } },
});

beforeAll(async () => {
  // The encode of a killed renderer is taken over soon.
  pipeline = await startPipeline({ POLYREEL_ACK_WAIT_SECONDS: "3" });
  const talk = await makeFootage(pipeline.folder, "talk.mp4", { seconds: 2, size: "320x180" });
  const mute = await makeFootage(pipeline.folder, "mute.mp4", { sound: false, size: "180x320" });
  const song = await makeBed(pipeline.folder, "song.wav");
  first = await runBatch(pipeline, {
    name: "talks",
    inputs: [
      await input(talk, "talk"),
      await input(talk, "again"),
      await input(mute, "mute"),
      await input(song, "song"),
    ],
    outputs: OUTPUTS,
  });
});
afterAll(() => pipeline?.close());

it("makes each rendition once, and delivers it everywhere", () => {
  for (const label of ["talk", "again", "mute"]) {
    expect(statesOf(first, label)).toEqual([
      ["web", DELIVERED, `web/${label}.mp4`],
      ["web", DELIVERED, `copies/${label}.mp4`],
      ["small", DELIVERED, ""],
    ]);
  }
  // Two for each of two distinct files, and the failures of the sound.
  expect(first.status.renditions).toMatchObject({ distinct: 6n, made: 4n, reused: 0n, failed: 2n });
});

it("certifies what is in the file", async () => {
  const [web, , small] = combination(first, "talk")?.outputs ?? [];
  expect(web?.certificate).toMatchObject({
    sizeBytes: BigInt((await readFile(inOut("web", "talk.mp4"))).length),
    operation: {
      case: "rendition",
      value: {
        format: "mp4",
        video: { codec: "h264", width: 320, height: 180, frameRate: 30, copied: true },
        audio: { codec: "aac", copied: true },
      },
    },
    warnings: [{ reason: expect.stringMatching(/smaller than asked for and keeps 320x180/) }],
  });
  expect(small?.certificate?.operation).toMatchObject({
    case: "rendition",
    value: {
      ...{ format: "webm", video: { codec: "vp9", width: 160, height: 90, copied: false }, audio: { codec: "opus" } },
      ssim: { mean: expect.closeTo(0.97, 1), lowest: expect.closeTo(0.97, 1), frames: 60 },
    },
  });
  expect(await faultsOf(inOut("web", "talk.mp4"))).toBe("");
  expect(await readFile(inOut("copies", "talk.mp4"))).toEqual(await readFile(inOut("web", "talk.mp4")));
  const [row] = await manifestOf(pipeline, "web");
  expect(row).toMatchObject({ output: "web", durationSeconds: expect.closeTo(2, 1), certificate: { format: "mp4" } });
});

it("serves a virtual rendition by ranges, with its content type", async () => {
  const url = pipeline.url + (combination(first, "talk")?.outputs[2]?.urlPath ?? "");
  const whole = await fetch(url);
  expect(whole.headers.get("content-type")).toBe("video/webm");
  const bytes = Buffer.from(await whole.arrayBuffer());
  const range = await fetch(url, { headers: { range: "bytes=100-299" } });
  expect(range.status).toBe(206);
  expect(Buffer.from(await range.arrayBuffer())).toEqual(bytes.subarray(100, 300));
});

it("fails only the outputs that are impossible, and names input and setting", () => {
  const { outputs = [] } = combination(first, "song") ?? {};
  expect(outputs.map(({ state }) => state)).toEqual([FAILED, FAILED, FAILED]);
  expect(outputs[2]?.failure).toMatchObject({
    ...{ block: "input", choice: "song", field: "outputs[1].transcode", code: FailureCode.SOURCE_INVALID },
    reason: '"song.mp4": The file has sound but no picture.',
  });
});

it("shows the parts of a combination", async () => {
  const { batchId } = first;
  const combinationId = combination(first, "talk")?.id ?? "";
  const { combination: details } = await pipeline.batches.getCombination({ batchId, combinationId });
  expect(details?.outputs.map(({ percent }) => percent)).toEqual([100, 100, 100]);
});

it("uses renditions of an earlier batch again, and estimates them", async () => {
  const inputs = [await input(join(pipeline.folder, "talk.mp4"), "other")];
  const estimate = await pipeline.batches.estimateBatch({ batch: { inputs, outputs: OUTPUTS } });
  expect(estimate.renditions).toMatchObject({ distinct: 2n, there: 2n });
  const outputs: Outputs = [
    ...OUTPUTS,
    { name: "tiny", operation: { case: "transcode", value: { width: 64, videoCodec: VideoCodec.H264 } } },
  ];
  const more = await pipeline.batches.estimateBatch({ batch: { inputs, outputs } });
  expect(more.renditions).toMatchObject({ distinct: 3n, there: 2n });
  expect(more.encodeCoreSeconds).toBeGreaterThan(0);
  expect(Number(more.outputBytes)).toBeGreaterThan(0);
  const ended = await runBatch(pipeline, { inputs, outputs: OUTPUTS });
  expect(ended.status.renditions).toMatchObject({ distinct: 2n, made: 0n, reused: 2n });
  expect(combination(ended, "other")?.outputs.map(({ state }) => state)).toEqual([DELIVERED, DELIVERED, DELIVERED]);
});

it("makes a lost rendition again when it is delivered elsewhere", async () => {
  await rm(join(pipeline.store, "tenants", "default", "parts", "rendition"), { recursive: true });
  const { batchId } = first;
  const combinationIds = [combination(first, "talk")?.id ?? ""];
  const run = await resumed(
    pipeline.batches.deliverCombinations({ batchId, which: { combinationIds }, destination: folder("all") }),
  );
  const ended = await endOfRun(pipeline, batchId, run);
  expect(ended.updates.filter(({ update }) => update.case === "combinationFailed")).toEqual([]);
  for (const name of ["talk.mp4", "talk.webm"]) expect(await faultsOf(inOut("all", name))).toBe("");
});

it("makes renditions again by force", async () => {
  const { batchId } = first;
  const combinationIds = [combination(first, "mute")?.id ?? ""];
  const run = await resumed(pipeline.batches.replayBatch({ batchId, which: { combinationIds }, force: true }));
  const ended = await endOfRun(pipeline, batchId, run);
  expect(countsOf(ended.updates)).toMatchObject({ combinationRendered: 2, combinationDelivered: 3 });
});

const OTHERS: Outputs = [
  { operation: { case: "compress", value: {} } },
  { name: "song", operation: { case: "audio", value: { format: AudioFormat.MP3 } } },
  { operation: { case: "metadata", value: {} } },
  { operation: { case: "preview", value: { seconds: 1, segments: 2 } } },
  { operation: { case: "waveform", value: { width: 64, height: 32 } } },
];

it("compresses inputs, extracts sound in other formats, and describes them", async () => {
  const inputs = [await input(join(pipeline.folder, "talk.mp4"), "talk")];
  const ended = await runBatch(pipeline, { inputs, outputs: OTHERS });
  expect(statesOf(ended, "talk")).toEqual([
    ["compressed", DELIVERED, `${ended.batchId}/talk.mp4`],
    ["song", DELIVERED, `${ended.batchId}/talk.mp3`],
    ["metadata", DELIVERED, `${ended.batchId}/talk.json`],
    ["preview", DELIVERED, `${ended.batchId}/talk.preview.gif`],
    ["waveform", DELIVERED, `${ended.batchId}/talk.waveform.png`],
  ]);
  const { outputs } = combination(ended, "talk") ?? {};
  expect(outputs?.[1]?.certificate?.operation.value).toMatchObject({ format: "mp3", audio: { codec: "mp3" } });
  expect(JSON.parse(await readFile(inOut(outputs?.[2]?.path ?? ""), "utf8"))).toMatchObject({
    video: { codec: "h264" },
  });
  expect(outputs?.[3]?.certificate?.operation.value).toMatchObject({
    format: "gif",
    video: { codec: "gif" },
    frames: 10,
  });
  const compressed = (await readFile(inOut(outputs?.[0]?.path ?? ""))).length;
  expect(compressed).toBeLessThan((await readFile(join(pipeline.folder, "talk.mp4"))).length);
});

it("makes renditions of combinations from their joins", async () => {
  const source = {
    name: "talk.mp4",
    location: { case: "sha256" as const, value: await put(pipeline, join(pipeline.folder, "talk.mp4")) },
  };
  const gone = { name: "gone.mp4", location: { case: "unreadable" as const, value: "The file does not exist." } };
  const video = (...choices: { label: string; media: { case: "source"; value: typeof source | typeof gone } }[]) => ({
    kind: { case: "video" as const, value: { choices } },
  });
  const choice = (label: string, value: typeof source | typeof gone = source) => ({
    label,
    media: { case: "source" as const, value },
  });
  const blocks = [
    { name: "hook", ...video(choice("a"), choice("gone", gone)) },
    { name: "body", ...video(choice("b")) },
  ];
  const outputs: Outputs = [
    { name: "webm", operation: { case: "transcode", value: { container: MediaContainer.WEBM, shortSide: 64 } } },
    ...OTHERS,
  ];
  const estimate = await pipeline.batches.estimateBatch({
    batch: { blocks, outputs, canvas: { width: 90, height: 160 } },
  });
  // The WebM is joined from tracks of the clip, which both blocks have, and of the soundtrack.
  expect(estimate.renditions).toMatchObject({ distinct: 7n, there: 0n });
  const ended = await runBatch(pipeline, { blocks, outputs });
  expect(ended.status.combinations).toMatchObject({ total: 2n, delivered: 1n, failed: 1n });
  const [made] = ended.combinations.filter(({ state }) => state === DELIVERED);
  expect(made?.outputs.map(({ name, state }) => [name, state])).toEqual([
    ["webm", DELIVERED],
    ["compressed", DELIVERED],
    ["song", DELIVERED],
    ["metadata", DELIVERED],
    ["preview", DELIVERED],
    ["waveform", DELIVERED],
  ]);
  expect(made?.outputs[0]?.certificate?.operation.value).toMatchObject({
    video: { codec: "vp9", width: 64, height: 114, durationSeconds: expect.closeTo(4, 1) },
    audio: { codec: "opus" },
  });
  for (const { path } of made?.outputs.slice(0, 3) ?? []) expect(await faultsOf(inOut(path))).toBe("");
  const { combination: details } = await pipeline.batches.getCombination({
    batchId: ended.batchId,
    combinationId: made?.id ?? "",
  });
  expect(details?.outputs.map(({ percent }) => percent)).toEqual(details?.outputs.map(() => 100));
});

it("refuses wrong settings with the allowed range, before any work", async () => {
  const inputs = [await input(join(pipeline.folder, "talk.mp4"), "talk")];
  const refusal = (
    value: NonNullable<Extract<NonNullable<Outputs[number]["operation"]>, { case: "transcode" }>>["value"],
  ) =>
    submit(pipeline, { inputs, outputs: [{ operation: { case: "transcode", value } }] }).then(
      () => "accepted",
      (error: Error) => error.message,
    );
  expect(await refusal({ preset: "web-270p" })).toMatch(
    /no preset "web-270p".*Did you mean "web-4?7?[28]0p"|no preset/,
  );
  expect(await refusal({ width: 33 })).toMatch(/width must be an even number from 16 to 8192/);
  expect(await refusal({ crf: 60 })).toMatch(/crf 60 is beyond the scale of h264/);
  expect(await refusal({ crf: 20, targetMegabytes: 3 })).toMatch(/several of crf, videoKbps and targetMegabytes/);
  expect(await refusal({ container: MediaContainer.WEBM, videoCodec: VideoCodec.H264 })).toMatch(
    /WebM can't hold h264/,
  );
});

/** Running encoders. */
const encoding = async () => (await programsOf(pipeline)).filter(({ command }) => /ffmpeg$/.test(command));

it("is made once by another renderer if one is killed in the middle of an encode, and delivered once", async () => {
  const film = await makeFootage(pipeline.folder, "film.mp4", { seconds: 5, size: "640x360" });
  const av1 = { shortSide: 356, videoCodec: VideoCodec.AV1, container: MediaContainer.WEBM };
  const outputs: Outputs = [{ operation: { case: "transcode", value: av1 }, to: [folder("killed")] }];
  const batchId = await submit(pipeline, { inputs: [await input(film, "film")], outputs });
  await expect.poll(encoding, { timeout: 60_000, interval: 20 }).not.toEqual([]);
  await pipeline.services.renderer.kill("SIGKILL");
  await expect.poll(encoding, { timeout: 10_000 }).toEqual([]); // Its ffmpeg ends with it.
  pipeline.start("renderer");
  const ended = await endOf(pipeline, batchId, { withinSeconds: 90 });
  expect(ended.status.renditions).toMatchObject({ made: 1n, reused: 0n, failed: 0n });
  expect(countsOf(ended.updates)).toMatchObject({ combinationRendered: 1, combinationDelivered: 1 });
  const delivered = (await visibleFiles(inOut("killed"))).filter((name) => !name.startsWith("manifest."));
  expect(delivered).toEqual(["film.webm"]);
  expect(await faultsOf(inOut("killed", "film.webm"))).toBe("");
}, 180_000);

it("stops an encode when its batch is cancelled, and leaves nothing behind", async () => {
  const long = await makeFootage(pipeline.folder, "long.mp4", { seconds: 30, size: "640x360" });
  const slow = { shortSide: 358, videoCodec: VideoCodec.AV1, container: MediaContainer.WEBM };
  const outputs: Outputs = [{ operation: { case: "transcode", value: slow } }];
  const batchId = await submit(pipeline, { inputs: [await input(long, "long")], outputs });
  await expect.poll(encoding, { timeout: 60_000, interval: 20 }).not.toEqual([]);
  await pipeline.batches.cancelBatch({ batchId });
  await expect.poll(encoding, { timeout: 10_000 }).toEqual([]);
  const { status } = await endOf(pipeline, batchId, { withinSeconds: 30 });
  expect(status.state).toBe(BatchState.CANCELLED);
  await expectNothingLeft(pipeline);
}, 120_000);
