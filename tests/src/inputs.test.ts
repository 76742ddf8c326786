import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rm, rmdir, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, BatchState, CombinationState, FailureCode, PictureFormat } from "@polyreel/contract";
import { probe } from "@polyreel/media/probe";
import { NEEDS_REAL_MEDIA, REAL_MEDIA } from "@polyreel/media/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { claimingLength, makeStill, write } from "./bad-input/damage.js";
import { countsOf, endOfRun, resumed } from "./rework/runs.js";
import { type Ended, endOf, labels, manifestOf, runBatch, submit } from "./testing/batches.js";
import { programsOf, visibleFiles } from "./testing/left-behind.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;

const { DELIVERED, FAILED } = CombinationState;
const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };
const half = { seconds: 0n, nanos: 500_000_000 };
const LABELS = ["talk", "keynote", "mute", "song", "cover", "card", "decades", "broken", "gone", "late"];
const OUTPUTS: BatchInit["outputs"] = [
  {
    name: "poster",
    operation: { case: "thumbnail", value: { at: half, width: 160, format: PictureFormat.PNG } },
    to: [folder("posters"), folder("copies")],
  },
  { operation: { case: "contactSheet", value: { columns: 2, rows: 2, width: 80 } }, to: [VIRTUAL] },
  { operation: { case: "audio", value: {} }, to: [folder("sounds")] },
];

let pipeline: Pipeline;
let first: Ended;
const files: Record<string, string> = {};
const server = createServer(({ url = "" }, response) => {
  const file = files[new URL(url, "http://x").pathname];
  if (file) createReadStream(file).pipe(response);
  else response.writeHead(404).end();
});

const inOut = (...path: string[]) => join(pipeline.out, ...path);
const probed = (path: string) => probe(path, { signal: new AbortController().signal });
const ffmpeg = (...options: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", ...options]);
/** SHA-256 of the packets of a file's sound. */
const packetsOf = async (path: string): Promise<string> =>
  (await ffmpeg("-i", path, "-map", "0:a", "-c", "copy", "-f", "streamhash", "-hash", "sha256", "-")).stdout;
/** Decodes all of a file; returns the errors. */
const faultsOf = async (path: string): Promise<string> => (await ffmpeg("-i", path, "-f", "null", "-")).stderr;
/** Sound with a cover picture, which is no video. */
async function makeCovered(sound: string, picture: string, path: string): Promise<string> {
  const cover = ["-c:v", "mjpeg", "-disposition:v", "attached_pic", "-id3v2_version", "3"];
  await ffmpeg("-i", sound, "-i", picture, "-map", "0", "-map", "1", "-c:a", "libmp3lame", ...cover, path);
  return path;
}
const stored = async (path: string) => ({
  name: basename(path),
  location: { case: "sha256" as const, value: await put(pipeline, path) },
});
const combination = ({ combinations }: Ended, label: string) => combinations.find((one) => labels(one) === label);
/** Name, state and path of each delivery. */
const outputsOf = (ended: Ended, label: string) =>
  combination(ended, label)?.outputs.map(({ name, state, path }) => [name, state, path]);
const failuresOf = (ended: Ended, label: string) =>
  combination(ended, label)?.outputs.flatMap(({ name, failure }) => (failure ? [[name, failure.reason]] : []));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  pipeline = await startPipeline({ POLYREEL_FETCH_ALLOW: "127.0.0.1" });
  const { port } = server.address() as AddressInfo;
  const inFolder = pipeline.folder;
  const talk = await makeFootage(inFolder, "talk.mp4", { seconds: 2, size: "320x180" });
  const mute = await makeFootage(inFolder, "mute.mp4", { sound: false, size: "240x320" });
  const chord = await makeBed(inFolder, "chord.wav");
  const card = await makeStill(inFolder, "card.png");
  files["/keynote.mp4"] = talk;
  await mkdir(inOut("copies", "mute.png"), { recursive: true }); // In the way of one delivery.
  first = await runBatch(pipeline, {
    name: "talks",
    where: ["input != 'left out'", "meta.input.year != '2019'"],
    inputs: [
      { source: await stored(talk), metadata: { year: "2024", speaker: "Ada" } },
      { source: { location: { case: "url", value: `http://127.0.0.1:${port}/keynote.mp4?key=secret` } } },
      { source: await stored(mute) },
      { label: "song", source: await stored(chord) },
      { label: "cover", source: await stored(await makeCovered(chord, card, join(inFolder, "covered.mp3"))) },
      { label: "card", source: await stored(card) },
      { label: "decades", source: await stored(await claimingLength(talk, "decades.mp4", 1e9)) },
      { label: "broken", source: await stored(await write(inFolder, "broken.mp4", Buffer.alloc(5000, "q\0\x01zz"))) },
      {
        label: "gone",
        source: { name: "gone.mp4", location: { case: "unreadable", value: "The file does not exist." } },
      },
      { source: { location: { case: "url", value: `http://127.0.0.1:${port}/late.mp4` } } },
      { label: "left out", source: await stored(talk) },
      { label: "old", source: await stored(talk), metadata: { year: "2019" } },
    ],
    outputs: OUTPUTS,
  });
});
afterAll(async () => {
  await pipeline?.close();
  server.close();
});

it("makes all possible outputs of each input", async () => {
  expect(first.status.combinations).toMatchObject({ total: 10n, delivered: 3n, failed: 7n });
  expect(first.status.deliveries).toMatchObject({ total: 40n, delivered: 18n, failed: 22n });
  expect(first.combinations.map(labels)).toEqual(LABELS);
  for (const label of ["talk", "keynote", "decades"]) {
    expect(outputsOf(first, label)).toEqual([
      ["poster", DELIVERED, `posters/${label}.png`],
      ["poster", DELIVERED, `copies/${label}.png`],
      ["sheet", DELIVERED, ""],
      ["audio", DELIVERED, `sounds/${label}.m4a`],
    ]);
  }
  expect(combination(first, "talk")?.metadata).toEqual({ "input.year": "2024", "input.speaker": "Ada" });
  expect(outputsOf(first, "mute")).toEqual([
    ["poster", DELIVERED, "posters/mute.png"],
    ["poster", FAILED, ""],
    ["sheet", DELIVERED, ""],
    ["audio", FAILED, ""],
  ]);
  expect(failuresOf(first, "mute")?.[1]).toEqual(["audio", '"mute.mp4": The file has no sound.']);
  expect(failuresOf(first, "song")).toEqual([
    ["poster", '"chord.wav": The file has sound but no picture.'],
    ["poster", '"chord.wav": The file has sound but no picture.'],
    ["sheet", '"chord.wav": The file has sound but no picture.'],
  ]);
  expect(outputsOf(first, "song")?.[3]).toEqual(["audio", DELIVERED, "sounds/song.m4a"]);
  expect(outputsOf(first, "cover")?.map(([, state]) => state)).toEqual([FAILED, FAILED, FAILED, DELIVERED]);
  expect(failuresOf(first, "card")).toEqual([
    ["sheet", expect.stringMatching(/^"card\.png": The file is a still picture/)],
    ["audio", '"card.png": The file has no sound.'],
  ]);
});

it("fails only the input that cannot be read, with all of its outputs", () => {
  for (const [label, reason] of [
    ["broken", /^"broken\.mp4": The file is not media that ffmpeg can read/],
    ["gone", /^The file does not exist\.$/],
    ["late", /^"late\.mp4": .*does not exist: the server answers 404/],
  ] as const) {
    const { failure, outputs = [] } = combination(first, label) ?? {};
    expect(failure).toMatchObject({ block: "input", choice: label, reason: expect.stringMatching(reason) });
    expect(outputs.map(({ state }) => state)).toEqual([FAILED, FAILED, FAILED, FAILED]);
  }
});

it("names input and output where one cannot be made", () => {
  const failed = combination(first, "mute")?.outputs[3]?.failure;
  expect(failed).toMatchObject({
    ...{ block: "input", choice: "mute", field: "outputs[2].audio", code: FailureCode.SOURCE_INVALID },
    reason: '"mute.mp4": The file has no sound.',
  });
  expect(first.updates.some(({ update }) => update.case === "part")).toBe(false);
});

it("makes pictures that show the input", async () => {
  expect((await probed(inOut("posters", "talk.png"))).video).toMatchObject({ codec: "png", width: 160, height: 90 });
  expect((await probed(inOut("posters", "mute.png"))).video).toMatchObject({ width: 160, height: 213 });
  expect((await probed(inOut("posters", "card.png"))).video).toMatchObject({ width: 160, height: 90 });
  const [sheet] = combination(first, "talk")?.outputs.filter(({ name }) => name === "sheet") ?? [];
  expect(sheet?.certificate?.operation).toMatchObject({
    case: "picture",
    value: { frames: 4, width: 184, height: 114 },
  });
  const served = await fetch(pipeline.url + sheet?.urlPath);
  expect(served.headers.get("content-type")).toBe("image/jpeg");
  const path = await write(pipeline.folder, "sheet.jpg", Buffer.from(await served.arrayBuffer()));
  expect((await probed(path)).video).toMatchObject({ width: 184, height: 114 });
});

it("copies AAC, and encodes other sound", async () => {
  const talk = join(pipeline.folder, "talk.mp4");
  expect(await packetsOf(inOut("sounds", "talk.m4a"))).toBe(await packetsOf(talk));
  const certified = (label: string) => combination(first, label)?.outputs[3]?.certificate?.operation;
  expect(certified("talk")).toMatchObject({
    case: "inputAudio",
    value: { copied: true, sampleRate: 48_000, channels: 1 },
  });
  expect(certified("song")).toMatchObject({
    case: "inputAudio",
    value: { copied: false, audioSeconds: 2, channels: 2 },
  });
  for (const label of ["talk", "song", "cover", "decades"])
    expect(await faultsOf(inOut("sounds", `${label}.m4a`))).toBe("");
  const { audio, video } = await probed(inOut("sounds", "song.m4a"));
  expect(video).toBeUndefined();
  expect(audio).toMatchObject({ codec: "aac", sampleRate: 48_000, channels: 2 });
  expect(audio?.durationSeconds).toBeCloseTo(2, 1);
});

it("serves sound by ranges, with its content type", async () => {
  const { urlPath = "" } = combination(first, "talk")?.outputs[3] ?? {};
  const whole = await fetch(pipeline.url + urlPath);
  expect(whole.headers.get("content-type")).toBe("audio/mp4");
  const bytes = Buffer.from(await whole.arrayBuffer());
  expect(bytes.length).toBe((await stat(inOut("sounds", "talk.m4a"))).size);
  const range = await fetch(pipeline.url + urlPath, { headers: { range: "bytes=1000-1999" } });
  expect(range.status).toBe(206);
  expect(Buffer.from(await range.arrayBuffer())).toEqual(bytes.subarray(1000, 2000));
});

it("lists an input by its label", async () => {
  const request = { batchId: first.batchId, choices: [{ block: "input", choice: "song" }] };
  const { combinations } = await pipeline.batches.listCombinations(request);
  expect(combinations.map(labels)).toEqual(["song"]);
});

it("lists inputs in the manifest, with their metadata", async () => {
  const rows = await manifestOf(pipeline, "sounds");
  expect(rows.map(({ choices, status, file }) => [choices, status, file])).toEqual(
    LABELS.map((input) =>
      ["talk", "keynote", "song", "cover", "decades"].includes(input)
        ? [{ input }, "delivered", `${input}.m4a`]
        : [{ input }, "failed", undefined],
    ),
  );
  expect(rows[0]).toMatchObject({
    metadata: { "input.year": "2024" },
    output: "audio",
    durationSeconds: expect.closeTo(2, 1),
    certificate: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), copied: true },
  });
});

it("retries the delivery that was obstructed", async () => {
  const { batchId } = first;
  await rmdir(inOut("copies", "mute.png"));
  const combinationIds = [combination(first, "mute")?.id ?? ""];
  const run = await resumed(pipeline.batches.retryBatch({ batchId, which: { combinationIds } }));
  const ended = await endOfRun(pipeline, batchId, run);
  expect(countsOf(ended.updates)).toMatchObject({ combinationDelivered: 1, combinationFailed: 1 }); // It still has no sound.
  expect(outputsOf(ended, "mute")?.[1]).toEqual(["poster", DELIVERED, "copies/mute.png"]);
});

it("fetches an input again that did not exist", async () => {
  const { batchId } = first;
  files["/late.mp4"] = join(pipeline.folder, "talk.mp4");
  const combinationIds = [combination(first, "late")?.id ?? ""];
  const run = await resumed(pipeline.batches.retryBatch({ batchId, which: { combinationIds } }));
  const ended = await endOfRun(pipeline, batchId, run);
  expect(outputsOf(ended, "late")?.map(([, state]) => state)).toEqual([DELIVERED, DELIVERED, DELIVERED, DELIVERED]);
});

it("restores lost parts, and delivers into another folder", async () => {
  const { batchId } = first;
  await rm(join(pipeline.store, "tenants", "default", "outputs"), { recursive: true });
  const combinationIds = [combination(first, "talk")?.id ?? ""];
  const run = await resumed(
    pipeline.batches.deliverCombinations({ batchId, which: { combinationIds }, destination: folder("all") }),
  );
  const ended = await endOfRun(pipeline, batchId, run);
  expect(ended.updates.filter(({ update }) => update.case === "combinationFailed")).toEqual([]);
  const made = (await visibleFiles(inOut("all"))).filter((name) => !name.startsWith("manifest"));
  expect(made.sort()).toEqual(["talk.m4a", "talk.png", "talk.sheet.jpg"]);
});

it("leaves nothing of a deleted batch", async () => {
  const { batchId } = first;
  await pipeline.batches.deleteBatch({ batchId });
  await expect.poll(() => visibleFiles(pipeline.out), { timeout: 20_000 }).toEqual([]);
  await expect
    .poll(() => readdir(join(pipeline.store, "tenants", "default", "outputs", batchId)).catch(() => []))
    .toEqual([]);
});

it("makes an output of a sample, and of the rest when continued", async () => {
  const films = ["talk.mp4", "mute.mp4", "card.png"].map((name) => join(pipeline.folder, name));
  const inputs = await Promise.all(films.map(async (path) => ({ source: await stored(path) })));
  const outputs = [{ operation: { case: "thumbnail" as const, value: {} } }];
  const audio = [{ operation: { case: "audio" as const, value: {} } }];
  const estimate = await pipeline.batches.estimateBatch({ batch: { inputs, outputs: audio } });
  expect(estimate).toMatchObject({ combinations: 3n, encodeCoreSeconds: 0, clipSeconds: 0 });
  expect(estimate).toMatchObject({ unknown: [], failing: 2n });
  expect(estimate.failures.map(({ failure }) => failure?.choice).sort()).toEqual(["card", "mute"]); // They have no sound.
  const sample = await runBatch(pipeline, { inputs, outputs, sample: { count: 1n } });
  expect(sample.status.combinations).toMatchObject({ total: 1n, delivered: 1n });
  expect(countsOf(sample.updates)).toMatchObject({
    combinationPlanned: 1,
    combinationRendered: 1,
    combinationDelivered: 1,
  });
  const rest = await runBatch(pipeline, { inputs, outputs, continues: sample.batchId });
  expect([...sample.combinations, ...rest.combinations].map(labels).sort()).toEqual(["card", "mute", "talk"]);
  const { path = "", id = "" } = rest.combinations[0] ?? {};
  const { width = 0, codec } = (await probed(inOut(path))).video ?? {};
  expect(codec).toBe("mjpeg");
  expect(width).toBeGreaterThanOrEqual(160); // As wide as the input.
  const { combination: details } = await pipeline.batches.getCombination({ batchId: rest.batchId, combinationId: id });
  expect(details?.outputs).toMatchObject([{ name: "poster", percent: 100 }]);
});

it("makes all of real recordings", { ...NEEDS_REAL_MEDIA, timeout: 120_000 }, async () => {
  const names = ["friday.mp4", "tears-of-steel.webm", "guitar.mp3", "leopard.jpg"];
  const paths = names.map((name) => join(REAL_MEDIA ?? "", name));
  const inputs = await Promise.all(paths.map(async (path) => ({ source: await stored(path) })));
  const ended = await runBatch(pipeline, { naming: "{batch}-{input}", name: "real", inputs, outputs: OUTPUTS });
  expect(ended.combinations.map((one) => one.outputs.filter(({ state }) => state === DELIVERED).length)).toEqual([
    4, 4, 1, 2,
  ]);
  for (const { outputs } of ended.combinations) {
    for (const { path } of outputs) if (path) expect(await faultsOf(inOut(path))).toBe("");
  }
});

it("stops reading an input when its batch is cancelled, and leaves nothing behind", async () => {
  const long = await makeBed(pipeline.folder, "long.wav", 600);
  const outputs = [{ operation: { case: "audio" as const, value: {} } }];
  const batchId = await submit(pipeline, { inputs: [{ source: await stored(long) }], outputs });
  const reading = async () => (await programsOf(pipeline)).filter(({ command }) => /ffmpeg$/.test(command));
  await expect.poll(reading, { timeout: 60_000, interval: 20 }).not.toEqual([]);
  await pipeline.batches.cancelBatch({ batchId });
  await expect.poll(reading, { timeout: 10_000 }).toEqual([]);
  const { status, combinations } = await endOf(pipeline, batchId, { withinSeconds: 30 });
  expect(status.state).toBe(BatchState.CANCELLED);
  expect(combinations.flatMap((one) => one.outputs.map(({ state }) => state))).not.toContain(DELIVERED);
  await expectNothingLeft(pipeline);
}, 120_000);
