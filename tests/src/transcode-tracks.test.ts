import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, CombinationState, MediaContainer } from "@polyreel/contract";
import { decodedFrameCount, decodedFrames, decodedSound, probedHeader } from "@polyreel/media/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countsOf, endOfRun, resumed } from "./rework/runs.js";
import { type Ended, endOf, labels, runBatch, submit } from "./testing/batches.js";
import { programsOf, visibleFiles } from "./testing/left-behind.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;
type Outputs = NonNullable<BatchInit["outputs"]>;

const { DELIVERED, FAILED } = CombinationState;
const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };
const WEB = { container: MediaContainer.MP4, shortSide: 90 };
const WEBM = { container: MediaContainer.WEBM, shortSide: 90 };
const OUTPUTS: Outputs = [
  { operation: { case: "mp4", value: {} }, to: [folder("tracks")] },
  { name: "web", operation: { case: "transcode", value: WEB }, to: [folder("tracks")] },
  { name: "webm", operation: { case: "transcode", value: WEBM }, to: [folder("tracks"), VIRTUAL] },
];
const SECONDS = { one: 1, two: 1.5, three: 0.5, body: 2 };

let pipeline: Pipeline;
let first: Ended;
let blocks: NonNullable<BatchInit["blocks"]>;

const inOut = (...path: string[]) => join(pipeline.out, ...path);
const pathsOf = ({ combinations }: Ended) =>
  combinations.map((one) => ({
    label: labels(one),
    paths: one.outputs.map(({ path }) => inOut(path)),
    urlPath: one.outputs[3]?.urlPath ?? "",
  }));

beforeAll(async () => {
  // The encodes of a killed renderer are taken over soon.
  pipeline = await startPipeline({ POLYREEL_ACK_WAIT_SECONDS: "3" });
  const choice = async (label: keyof typeof SECONDS) => {
    const path = await makeFootage(pipeline.folder, `${label}.mp4`, { seconds: SECONDS[label], size: "320x180" });
    const value = { name: `${label}.mp4`, location: { case: "sha256" as const, value: await put(pipeline, path) } };
    return { label, media: { case: "source" as const, value } };
  };
  const video = async (...names: (keyof typeof SECONDS)[]) => ({
    kind: { case: "video" as const, value: { choices: await Promise.all(names.map(choice)) } },
  });
  blocks = [
    { name: "hook", ...(await video("one", "two", "three")) },
    { name: "body", ...(await video("body", "two")) },
  ];
  first = await runBatch(pipeline, { name: "tracks", canvas: { width: 320, height: 180 }, blocks, outputs: OUTPUTS });
}, 120_000);
afterAll(() => pipeline?.close());

it("makes each clip once for an output, and each soundtrack once for a codec", () => {
  expect(first.combinations.flatMap(({ outputs }) => outputs.map(({ state }) => state))).toEqual(
    Array(24).fill(DELIVERED),
  );
  // Four distinct clips in two codecs, and Opus of six soundtracks; AAC is that of the joined MP4.
  expect(first.status.clips?.distinct).toBe(4n);
  expect(first.status.renditions).toMatchObject({ distinct: 14n, made: 14n, failed: 0n });
});

it("joins them to the frames and samples of the joined MP4", async () => {
  for (const { paths } of pathsOf(first)) {
    const [mp4 = "", web = "", webm = ""] = paths;
    const frames = await decodedFrameCount(mp4);
    const sound = (await decodedSound(mp4)).length / 8;
    expect(await decodedFrameCount(web)).toBe(frames);
    expect((await decodedFrames(webm)).length).toBe(frames);
    expect((await decodedSound(web)).length / 8).toBe(sound);
    expect((await decodedSound(webm)).length / 8).toBe(frames * 1600);
    const { streams } = await probedHeader(webm);
    expect(streams).toMatchObject([{ codec_name: "vp9", width: 160, height: 90 }, { codec_name: "opus" }]);
  }
});

it("certifies what the tracks have, as planned", async () => {
  const [, web, webm] = first.combinations[0]?.outputs ?? [];
  expect(web?.certificate).toMatchObject({
    sizeBytes: BigInt((await readFile(inOut(web?.path ?? ""))).length),
    operation: {
      case: "rendition",
      value: {
        ...{ format: "mp4", durationSeconds: 3, frames: 90, sha256: "" },
        literalsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        video: { codec: "h264", width: 160, height: 90, frameRate: 30, copied: false },
        audio: { codec: "aac", copied: true },
      },
    },
  });
  expect(webm?.certificate?.operation.value).toMatchObject({
    ...{ format: "webm", durationSeconds: 3, frames: 90 },
    video: { codec: "vp9", width: 160, height: 90 },
    audio: { codec: "opus", channels: 2, copied: false },
  });
});

it("serves a virtual WebM by ranges", async () => {
  const [{ paths, urlPath } = { paths: [], urlPath: "" }] = pathsOf(first);
  const file = await readFile(paths[2] ?? "");
  const whole = await fetch(pipeline.url + urlPath);
  expect(whole.headers.get("content-type")).toBe("video/webm");
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(file);
  for (const [start, end] of [
    [0, 9],
    [700, 5000],
    [file.length - 300, file.length - 1],
  ] as const) {
    const range = await fetch(pipeline.url + urlPath, { headers: { range: `bytes=${start}-${end}` } });
    expect(range.status).toBe(206);
    expect(Buffer.from(await range.arrayBuffer())).toEqual(file.subarray(start, end + 1));
  }
});

it("makes none of them again for another batch with the clips", async () => {
  const ended = await runBatch(pipeline, {
    name: "again",
    canvas: { width: 320, height: 180 },
    blocks,
    outputs: [WEB, WEBM].map((value, i) => ({ name: `web${i}`, operation: { case: "transcode", value } })),
  });
  expect(ended.status.renditions).toMatchObject({ distinct: 14n, made: 0n, reused: 14n });
});

it("makes lost tracks again when they are delivered elsewhere, and by force", async () => {
  await rm(join(pipeline.store, "tenants", "default", "parts", "rendition"), { recursive: true });
  const { batchId } = first;
  const which = { combinationIds: [first.combinations[0]?.id ?? ""] };
  const run = await resumed(pipeline.batches.deliverCombinations({ batchId, which, destination: folder("else") }));
  const ended = await endOfRun(pipeline, batchId, run);
  expect(ended.updates.filter(({ update }) => update.case === "combinationFailed")).toEqual([]);
  const [{ paths } = { paths: [] }] = pathsOf(first);
  for (const path of paths.slice(1, 3)) {
    expect(await readFile(path.replace("/tracks/", "/else/"))).toEqual(await readFile(path));
  }
  const forced = await resumed(pipeline.batches.replayBatch({ batchId, which, force: true }));
  const replayed = await endOfRun(pipeline, batchId, forced);
  expect(replayed.updates.filter(({ update }) => update.case === "combinationFailed")).toEqual([]);
});

it("delivers all videos once if the renderer is killed in the middle of its tracks", async () => {
  const outputs: Outputs = [
    { name: "tiny", operation: { case: "transcode", value: { ...WEBM, shortSide: 88 } }, to: [folder("killed")] },
  ];
  const canvas = { width: 320, height: 180 };
  const batchId = await submit(pipeline, { name: "killed", canvas, blocks, outputs });
  const encoding = async () => (await programsOf(pipeline)).filter(({ command }) => /ffmpeg$/.test(command));
  await expect.poll(encoding, { timeout: 60_000, interval: 20 }).not.toEqual([]);
  await pipeline.services.renderer.kill("SIGKILL");
  pipeline.start("renderer");
  const ended = await endOf(pipeline, batchId, { withinSeconds: 120 });
  expect(ended.status.renditions).toMatchObject({ distinct: 10n, failed: 0n });
  expect(countsOf(ended.updates)).toMatchObject({ combinationDelivered: 6 });
  const delivered = (await visibleFiles(inOut("killed"))).filter((name) => name.endsWith(".webm"));
  expect(delivered).toHaveLength(6);
}, 180_000);

it("fails with block, choice and setting, and only the output that is impossible", async () => {
  const outputs: Outputs = [
    { name: "cut", operation: { case: "transcode", value: { ...WEB, crop: { x: 0, y: 0, width: 4000, height: 90 } } } },
    { name: "low", operation: { case: "transcode", value: { ...WEB, maxVideoKbps: 1 } } },
    { name: "fine", operation: { case: "transcode", value: WEB } },
  ];
  const ended = await runBatch(pipeline, { name: "failing", canvas: { width: 320, height: 180 }, blocks, outputs });
  const [one] = ended.combinations;
  expect(one?.outputs.map(({ state }) => state)).toEqual([FAILED, FAILED, DELIVERED]);
  expect(one?.outputs[0]?.failure).toMatchObject({ field: "outputs[0].transcode.crop" });
  expect(one?.outputs[1]?.failure).toMatchObject({
    ...{ block: "hook", choice: "one", field: "outputs[1].transcode.maxVideoKbps" },
    reason: expect.stringMatching(/can't be encoded at 1 kbit\/s/),
  });
  await expectNothingLeft(pipeline);
});
