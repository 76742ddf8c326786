import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, CombinationState, FailureCode, PictureFormat } from "@polyreel/contract";
import { probe } from "@polyreel/media/probe";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countsOf, endOfRun, resumed } from "./rework/runs.js";
import { type Ended, labels, runBatch } from "./testing/batches.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;
type Outputs = NonNullable<BatchInit["outputs"]>;

const { DELIVERED, FAILED } = CombinationState;
const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };
const at = (milliseconds: number) => ({ seconds: 0n, nanos: milliseconds * 1_000_000 });
const OUTPUTS = [
  { operation: { case: "thumbnail", value: { count: 3, best: true, width: 80 } } },
  {
    name: "shot",
    operation: { case: "thumbnail", value: { times: [at(500), { seconds: 5n }], format: PictureFormat.PNG } },
    as: "{input}/shot.png",
  },
  { operation: { case: "storyboard", value: { interval: at(500), width: 64 } }, to: [folder("boards"), VIRTUAL] },
] satisfies Outputs;

let pipeline: Pipeline;
let first: Ended;
let inputs: NonNullable<BatchInit["inputs"]>;
let talk: Awaited<ReturnType<typeof stored>>;

const inOut = (...path: string[]) => join(pipeline.out, ...path);
const sizeOf = async (path: string) => (await probe(path, { signal: new AbortController().signal })).video;
const combination = ({ combinations }: Ended, label: string) => combinations.find((one) => labels(one) === label);
const outputsOf = (ended: Ended, label: string) => combination(ended, label)?.outputs ?? [];
const stored = async (path: string, name: string) => ({
  name,
  location: { case: "sha256" as const, value: await put(pipeline, path) },
});

beforeAll(async () => {
  pipeline = await startPipeline();
  talk = await stored(await makeFootage(pipeline.folder, "talk.mp4", { seconds: 2, size: "160x90" }), "talk.mp4");
  const song = await stored(await makeBed(pipeline.folder, "song.wav"), "song.wav");
  inputs = [
    { label: "talk", source: talk },
    { label: "song", source: song },
  ];
  first = await runBatch(pipeline, { name: "stills", inputs, outputs: OUTPUTS });
});
afterAll(() => pipeline?.close());

it("makes several pictures and a storyboard of an input, each an output with its certificate", async () => {
  const made = outputsOf(first, "talk");
  expect(made.map(({ name, state, path }) => [name, state, path])).toEqual([
    ...[1, 2, 3].map((n) => [`poster-${n}`, DELIVERED, `${first.batchId}/talk.poster-${n}.jpg`]),
    ["shot-1", DELIVERED, `${first.batchId}/talk/shot-1.png`],
    ["shot-2", FAILED, ""],
    ["storyboard", DELIVERED, "boards/talk.storyboard.jpg"],
    ["storyboard", DELIVERED, ""],
    ["storyboard-cues", DELIVERED, "boards/talk.storyboard.vtt"],
    ["storyboard-cues", DELIVERED, ""],
  ]);
  for (const { path, certificate } of made.slice(0, 3)) {
    expect(certificate?.operation.value).toMatchObject({ width: 80, height: 45, frames: 1 });
    expect(await sizeOf(inOut(path))).toMatchObject({ codec: "mjpeg", width: 80, height: 45 });
  }
  const posters = await Promise.all(made.slice(0, 3).map(({ path }) => readFile(inOut(path), "base64")));
  expect(new Set(posters).size).toBe(3);
  expect(await sizeOf(inOut(made[3]?.path ?? ""))).toMatchObject({ codec: "png", width: 160, height: 90 });
});

it("fails only what is impossible, naming output, input and remedy", () => {
  expect(outputsOf(first, "talk")[4]?.failure).toMatchObject({
    ...{ block: "input", choice: "talk", field: "outputs[4].thumbnail.times[1]" },
    reason: '"talk.mp4": There is no picture at 5 s: the video is 2 s long.',
    remedy: expect.stringContaining("below 2 s"),
    code: FailureCode.SOURCE_INVALID,
  });
  for (const { state, failure } of outputsOf(first, "song")) {
    expect([state, failure?.reason]).toEqual([FAILED, expect.stringMatching(/^"song.wav": The file has sound but no/)]);
  }
});

it("certifies the storyboard's sheet and cues, which name it by its delivered name", async () => {
  const [sheet, , cues] = outputsOf(first, "talk").slice(5);
  expect(sheet?.certificate).toMatchObject({
    sizeBytes: BigInt((await readFile(inOut("boards/talk.storyboard.jpg"))).length),
    operation: { case: "rendition", value: { format: "jpg", frames: 4, video: { width: 256, height: 36 } } },
  });
  expect(cues?.certificate?.operation.value).toMatchObject({ format: "vtt", frames: 4, durationSeconds: 2 });
  const vtt = await readFile(inOut("boards/talk.storyboard.vtt"), "utf8");
  expect(vtt).toContain("00:00:00.500 --> 00:00:01.000\ntalk.storyboard.jpg#xywh=64,0,64,36\n");
  expect(await sizeOf(inOut("boards/talk.storyboard.jpg"))).toMatchObject({ codec: "mjpeg", width: 256, height: 36 });
});

it("serves virtual ones, and the cues' reference leads to the sheet", async () => {
  const cues = outputsOf(first, "talk")[8];
  const url = new URL(cues?.urlPath ?? "", pipeline.url);
  const response = await fetch(url);
  expect(response.headers.get("content-type")).toBe("text/vtt");
  const [, reference = ""] = /\n(.+)#xywh/.exec(await response.text()) ?? [];
  const sheet = await fetch(new URL(reference, url));
  expect([sheet.status, sheet.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  expect(Buffer.from(await sheet.arrayBuffer())).toEqual(await readFile(inOut("boards/talk.storyboard.jpg")));
});

it("uses storyboards again, and foresees outputs and failures", async () => {
  const estimate = await pipeline.batches.estimateBatch({ batch: { inputs, outputs: OUTPUTS } });
  expect(estimate.renditions).toMatchObject({ there: 2n });
  expect(estimate.failures.map(({ failure }) => failure?.reason)).toContainEqual(
    expect.stringContaining("There is no picture at 5 s"),
  );
  const outputs = OUTPUTS.map((output) => ({ ...output, to: [VIRTUAL] }));
  const again = await runBatch(pipeline, { name: "stills again", inputs: inputs.slice(0, 1), outputs });
  expect(again.status.renditions).toMatchObject({ distinct: 2n, made: 0n, reused: 2n });
});

it("retries what failed alone, and delivers a lost storyboard elsewhere", async () => {
  const { batchId } = first;
  const combinationIds = [combination(first, "talk")?.id ?? ""];
  const retried = await resumed(pipeline.batches.retryBatch({ batchId, which: { combinationIds } }));
  const after = await endOfRun(pipeline, batchId, retried);
  expect(countsOf(after.updates)).toEqual(expect.not.objectContaining({ combinationDelivered: expect.anything() }));
  await rm(join(pipeline.store, "tenants", "default", "parts", "rendition"), { recursive: true });
  const which = { combinationIds, outputs: ["storyboard", "storyboard-cues"] };
  const run = await resumed(pipeline.batches.deliverCombinations({ batchId, which, destination: folder("all") }));
  await endOfRun(pipeline, batchId, run);
  expect(await readFile(inOut("all/talk.storyboard.vtt"))).toEqual(await readFile(inOut("boards/talk.storyboard.vtt")));
  expect(await readFile(inOut("all/talk.storyboard.jpg"))).toEqual(await readFile(inOut("boards/talk.storyboard.jpg")));
});

it("makes them of combinations", async () => {
  const video = (label: string) => ({
    name: label,
    kind: { case: "video" as const, value: { choices: [{ label, media: { case: "source" as const, value: talk } }] } },
  });
  const outputs = [{}, ...OUTPUTS.map((output) => ({ ...output, as: "", to: [] }))];
  const ended = await runBatch(pipeline, { blocks: [video("hook"), video("body")], outputs });
  const [made] = ended.combinations;
  expect(made?.outputs.map(({ name, state }) => [name, state])).toEqual([
    ...["video", "poster-1", "poster-2", "poster-3", "shot-1"].map((name) => [name, DELIVERED]),
    ["shot-2", FAILED],
    ...["storyboard", "storyboard-cues"].map((name) => [name, DELIVERED]),
  ]);
  expect(made?.outputs[5]?.failure).toMatchObject({
    field: "outputs[5].thumbnail.times[1]",
    reason: "There is no picture at 5 s: the video is 4 s long.",
  });
  const [, poster] = made?.outputs ?? [];
  expect(await sizeOf(inOut(poster?.path ?? ""))).toMatchObject({ width: 80, height: 142 });
  expect(made?.outputs.at(-2)?.certificate?.operation.value).toMatchObject({ frames: 8, video: { width: 512 } });
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
