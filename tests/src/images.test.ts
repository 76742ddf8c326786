import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type BatchSchema,
  CombinationState,
  FailureCode,
  Gravity,
  ImageFit,
  ImageFormat,
  ImageSchema,
} from "@polyreel/contract";
import { ImageWorkers, makeImage } from "@polyreel/media/image";
import { probe } from "@polyreel/media/probe";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeStill, write } from "./bad-input/damage.js";
import { countsOf, endOfRun, resumed } from "./rework/runs.js";
import { type Ended, labels, manifestOf, runBatch } from "./testing/batches.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;
type ImageInit = MessageInitShape<typeof ImageSchema>;

const { DELIVERED, FAILED } = CombinationState;
const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const image = (value: ImageInit) => ({ case: "image" as const, value });

let pipeline: Pipeline;
let first: Ended;
let batch: BatchInit;
let operations: ReturnType<typeof image>[];

const inOut = (...path: string[]) => join(pipeline.out, ...path);
const probed = async (path: string) => (await probe(path, { signal: new AbortController().signal })).video;
const stored = async (path: string) => ({
  name: basename(path),
  location: { case: "sha256" as const, value: await put(pipeline, path) },
});
const outputsOf = ({ combinations }: Ended, label: string) =>
  combinations.find((one) => labels(one) === label)?.outputs ?? [];
/** Of each image in a run: whether it was reused. */
const partsOf = ({ updates }: Ended) =>
  updates.flatMap(({ update }) =>
    update.case === "part" && update.value.event.case === "ready" ? [update.value.event.value.reused] : [],
  );

beforeAll(async () => {
  pipeline = await startPipeline();
  const card = await makeStill(pipeline.folder, "card.png");
  const talk = await makeFootage(pipeline.folder, "talk.mp4", { seconds: 1, size: "160x90" });
  const half = await write(pipeline.folder, "half.png", (await readFile(card)).subarray(0, 200));
  operations = [
    image({ format: ImageFormat.WEBP, width: 160 }),
    image({
      ...{ width: 64, height: 64, fit: ImageFit.COVER, gravity: Gravity.ATTENTION },
      watermark: { mark: { case: "image", value: await stored(card) }, scale: 0.25 },
    }),
  ];
  const [web, square] = operations;
  batch = {
    name: "pictures",
    inputs: [
      { source: await stored(card) },
      { label: "same", source: await stored(card) },
      { source: await stored(talk) },
      { source: await stored(half) },
    ],
    outputs: [
      { name: "web", ...(web && { operation: web }), to: [folder("web")] },
      {
        name: "square",
        ...(square && { operation: square }),
        to: [folder("square"), { kind: { case: "virtual", value: {} } }],
      },
      { operation: { case: "thumbnail", value: { width: 80 } }, to: [folder("posters")] },
    ],
  };
  first = await runBatch(pipeline, batch);
});
afterAll(() => pipeline?.close());

it("makes each image once for equal inputs, and delivers it", async () => {
  expect(first.status.combinations).toMatchObject({ total: 4n, delivered: 2n, failed: 2n });
  for (const label of ["card", "same"]) {
    expect(outputsOf(first, label).map(({ state, path }) => [state, path])).toEqual([
      [DELIVERED, `web/${label}.webp`],
      [DELIVERED, `square/${label}.jpg`],
      [DELIVERED, ""],
      [DELIVERED, `posters/${label}.poster.jpg`],
    ]);
    expect(await probed(inOut("web", `${label}.webp`))).toMatchObject({ codec: "webp", width: 160, height: 90 });
    expect(await probed(inOut("square", `${label}.jpg`))).toMatchObject({ codec: "mjpeg", width: 64, height: 64 });
  }
  // Two images of the card; those of the film failed.
  expect(partsOf(first)).toEqual([false, false]);
});

it("certifies what was made beside what was asked", async () => {
  const [web, square] = outputsOf(first, "card");
  expect(web?.certificate).toMatchObject({
    operation: {
      case: "image",
      value: {
        format: "webp",
        width: 160,
        height: 90,
        quality: 80,
        hasMetadata: false,
        askedWidth: 160,
        askedHeight: 0,
      },
    },
  });
  expect(web?.certificate?.sizeBytes).toBe(BigInt((await readFile(inOut("web", "card.webp"))).length));
  expect(square?.certificate?.operation.value).toMatchObject({ format: "jpeg", askedWidth: 64, askedHeight: 64 });
  const [row] = await manifestOf(pipeline, "web");
  expect(row).toMatchObject({ file: "card.webp", certificate: { format: "webp", width: 160, askedWidth: 160 } });
});

it("serves an image with its content type, and shows its steps", async () => {
  const [web, , virtual] = outputsOf(first, "card");
  const served = await fetch(pipeline.url + web?.urlPath);
  expect(served.headers.get("content-type")).toBe("image/webp");
  expect(Buffer.from(await served.arrayBuffer())).toEqual(await readFile(inOut("web", "card.webp")));
  const unwritten = await fetch(pipeline.url + virtual?.urlPath);
  expect(Buffer.from(await unwritten.arrayBuffer())).toEqual(await readFile(inOut("square", "card.jpg")));
  const combinationId = first.combinations[0]?.id ?? "";
  const { combination } = await pipeline.batches.getCombination({ batchId: first.batchId, combinationId });
  expect(combination?.outputs.map(({ percent }) => percent)).toEqual([100, 100, 100, 100]);
});

it("fails the images of a video alone, and everything of a broken file", () => {
  const [web, square, , poster] = outputsOf(first, "talk");
  expect([web?.state, square?.state, poster?.state]).toEqual([FAILED, FAILED, DELIVERED]);
  expect(web?.failure).toMatchObject({
    ...{ block: "input", choice: "talk", field: "outputs[0].image", code: FailureCode.SOURCE_INVALID },
    reason: '"talk.mp4": The file is a video, not an image.',
    remedy: "Make a thumbnail of it: an output {thumbnail: {at: 1s}}.",
  });
  const broken = outputsOf(first, "half");
  expect(broken.map(({ state }) => state)).toEqual([FAILED, FAILED, FAILED, FAILED]);
});

it("makes nothing again for another batch with the same settings", async () => {
  const outputs = operations.map((operation) => ({ operation }));
  const again = await runBatch(pipeline, { name: "again", inputs: batch.inputs?.slice(0, 1) ?? [], outputs });
  expect(again.status.combinations).toMatchObject({ delivered: 1n });
  expect(partsOf(again)).toEqual([true, true]);
});

it("makes lost images again, to deliver them elsewhere and to serve them", async () => {
  const { batchId } = first;
  await rm(join(pipeline.store, "tenants", "default", "parts", "image"), { recursive: true });
  const combinationIds = first.combinations.slice(0, 1).map(({ id }) => id);
  const run = await resumed(
    pipeline.batches.deliverCombinations({ batchId, which: { combinationIds }, destination: folder("all") }),
  );
  const ended = await endOfRun(pipeline, batchId, run);
  expect(ended.updates.filter(({ update }) => update.case === "combinationFailed")).toEqual([]);
  expect(await readFile(inOut("all", "card.webp"))).toEqual(await readFile(inOut("web", "card.webp")));
});

it("rebuilds images by force, with the same bytes", async () => {
  const { batchId } = first;
  const combinationIds = first.combinations.slice(0, 1).map(({ id }) => id);
  const run = await resumed(pipeline.batches.replayBatch({ batchId, which: { combinationIds }, force: true }));
  const ended = await endOfRun(pipeline, batchId, run);
  expect(countsOf(ended.updates)).toMatchObject({ combinationDelivered: 4 });
  expect(partsOf(ended)).toEqual([false, false]);
});

it("fails the images under a watermark that cannot be read", async () => {
  const mark = {
    case: "image" as const,
    value: { name: "logo.png", location: { case: "unreadable" as const, value: "The file does not exist." } },
  };
  const outputs = [{ operation: image({ watermark: { mark } }) }];
  const ended = await runBatch(pipeline, { inputs: batch.inputs?.slice(0, 1) ?? [], outputs });
  expect(ended.combinations[0]?.failure).toMatchObject({
    field: "outputs[0].image.watermark.image",
    reason: "The file does not exist.",
  });
});

it("refuses images of blocks, and settings without effect, before any work", async () => {
  const refused = (outputs: ImageInit) =>
    pipeline.batches.submitBatch({ batch: { inputs: batch.inputs ?? [], outputs: [{ operation: image(outputs) }] } });
  await expect(refused({ fit: ImageFit.COVER, width: 100 })).rejects.toThrow(/needs width and height/);
  await expect(refused({ width: 20_000 })).rejects.toThrow(/16383/);
  await expect(refused({ lossless: true })).rejects.toThrow(/JPEG is never lossless/);
});

it("makes the same as without the services", async () => {
  const workers = new ImageWorkers({ processes: 1 });
  const settings = create(ImageSchema, { format: ImageFormat.WEBP, width: 160 });
  const work = { workers, tempDir: pipeline.folder, signal: new AbortController().signal };
  const { payloadPath } = await makeImage({ path: join(pipeline.folder, "card.png") }, settings, work);
  await workers.close();
  expect(await readFile(payloadPath)).toEqual(await readFile(inOut("web", "card.webp")));
});

it("leaves nothing of a deleted batch, and no program", async () => {
  await pipeline.batches.deleteBatch({ batchId: first.batchId });
  await expectNothingLeft(pipeline);
});
