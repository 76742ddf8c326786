import { mkdir, readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CombinationState, FailureCode, PictureFormat } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countsOf, endOfRun, resumed } from "./rework/runs.js";
import { type Ended, labels, manifestOf, runBatch } from "./testing/batches.js";
import { footage, video } from "./testing/blocks.js";
import { visibleFiles } from "./testing/left-behind.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };
const { DELIVERED, FAILED } = CombinationState;

let pipeline: Pipeline;
let first: Ended;
/** Bytes of outputs in the store. */
const stored = () => join(pipeline.store, "tenants", "default", "outputs");
const inOut = (...path: string[]) => join(pipeline.out, ...path);
/** Name, state and whether there is a file, for each delivery of a combination. */
const outputsOf = (ended: Ended, label: string) =>
  ended.combinations
    .find((one) => labels(one) === label)
    ?.outputs.map(({ name, state, path }) => [name, state, path.replace(first.batchId, "<id>")]);

beforeAll(async () => {
  pipeline = await startPipeline();
  const films = [
    await makeFootage(pipeline.folder, "a.mp4", { seconds: 0.5 }),
    await makeFootage(pipeline.folder, "b.mp4", { seconds: 0.5, hertz: 550, size: "240x240" }),
    await makeFootage(pipeline.folder, "long.mp4", { seconds: 10, size: "640x360" }),
  ];
  const [a = "", b = "", long = ""] = await Promise.all(films.map((path) => put(pipeline, path)));
  await mkdir(inOut("copies", "a_long.mp4"), { recursive: true }); // In the way of one delivery.
  first = await runBatch(pipeline, {
    name: "sale",
    naming: "{hook}_{body}",
    canvas: { width: 180, height: 320, frameRate: 30 },
    blocks: [
      video("hook", { choices: [footage("a", a), footage("b", b)] }),
      video("body", { choices: [footage("long", long)] }),
    ],
    outputs: [
      { name: "video", to: [folder("spring"), folder("copies")] },
      {
        name: "poster",
        operation: {
          case: "thumbnail",
          value: { at: { seconds: 0n, nanos: 200_000_000 }, width: 60, format: PictureFormat.PNG },
        },
      },
      { operation: { case: "contactSheet", value: { columns: 2, rows: 1, width: 40 } }, to: [VIRTUAL] },
      { name: "draft", operation: { case: "mp4", value: {} }, to: [VIRTUAL] },
    ],
  });
});
afterAll(() => pipeline?.close());

it("makes every output in each of its destinations; failures do not affect others", async () => {
  expect(first.status.combinations).toMatchObject({ total: 2n, delivered: 1n, failed: 1n });
  expect(first.status.deliveries).toMatchObject({ total: 10n, delivered: 9n, failed: 1n });
  expect(outputsOf(first, "b/long")).toEqual([
    ["video", DELIVERED, "spring/b_long.mp4"],
    ["video", DELIVERED, "copies/b_long.mp4"],
    ["poster", DELIVERED, "<id>/b_long.png"],
    ["sheet", DELIVERED, ""],
    ["draft", DELIVERED, ""],
  ]);
  expect(outputsOf(first, "a/long")).toEqual([
    ["video", DELIVERED, "spring/a_long.mp4"],
    ["video", FAILED, ""],
    ["poster", DELIVERED, "<id>/a_long.png"],
    ["sheet", DELIVERED, ""],
    ["draft", DELIVERED, ""],
  ]);
  const partly = first.combinations.find((one) => labels(one) === "a/long");
  expect(partly).toMatchObject({
    state: FAILED,
    path: "spring/a_long.mp4",
    failure: { code: FailureCode.ALREADY_EXISTS },
  });
  const written = await readFile(inOut("spring", "b_long.mp4"));
  expect(await readFile(inOut("copies", "b_long.mp4"))).toEqual(written);
  const png = await readFile(inOut(first.batchId, "b_long.png"));
  expect([png.toString("latin1", 1, 4), png.readUInt32BE(16)]).toEqual(["PNG", 60]);
});

it("does not delay a poster for a clip that it does not show", () => {
  const isOf = (kind: string) => (one: Ended["updates"][number]) => one.update.case === kind;
  const rendered = first.updates.filter(isOf("combinationRendered"));
  const outputs = rendered.map(({ update }) => (update.case === "combinationRendered" ? update.value.output : -1));
  expect(outputs[0]).toBe(1); // A poster, while the long clip is encoded.
  expect(outputs).toHaveLength(8);
});

it("serves each output by its file name, with its content type", async () => {
  const [one] = first.combinations.filter((combination) => labels(combination) === "b/long");
  const serve = async (path = "") => {
    const answer = await fetch(pipeline.url + path);
    return { type: answer.headers.get("content-type"), bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const [spring, , poster, sheet, draft] = await Promise.all(one?.outputs.map(({ urlPath }) => serve(urlPath)) ?? []);
  expect([spring, poster, sheet, draft].map((served) => served?.type)).toEqual([
    "video/mp4",
    "image/png",
    "image/jpeg",
    "video/mp4",
  ]);
  expect(poster?.bytes).toEqual(await readFile(inOut(first.batchId, "b_long.png")));
  expect(draft?.bytes).toEqual(spring?.bytes);
  expect(sheet?.bytes.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  const chunks: Uint8Array[] = [];
  const request = { batchId: first.batchId, combinationId: one?.id ?? "", output: "poster" };
  for await (const { part } of pipeline.batches.readOutput(request)) if (part.case === "chunk") chunks.push(part.value);
  expect(Buffer.concat(chunks)).toEqual(poster?.bytes);
  expect((await fetch(`${pipeline.url}/outputs/${first.batchId}/${one?.id}/b_long.webp`)).status).toBe(404);
});

it("lists in each folder its own deliveries", async () => {
  const rows = async (path: string) =>
    (await manifestOf(pipeline, path)).map(({ output, status, file, urlPath }) => [
      output,
      status,
      file ?? Boolean(urlPath),
    ]);
  expect(await rows("spring")).toEqual([
    ["video", "delivered", "a_long.mp4"],
    ["video", "delivered", "b_long.mp4"],
  ]);
  expect(await rows("copies")).toEqual([
    ["video", "failed", false],
    ["video", "delivered", "b_long.mp4"],
  ]);
  expect(await rows(first.batchId)).toEqual([
    ["poster", "delivered", "a_long.png"],
    ["sheet", "delivered", true],
    ["draft", "delivered", true],
    ["poster", "delivered", "b_long.png"],
    ["sheet", "delivered", true],
    ["draft", "delivered", true],
  ]);
});

it("retries only the delivery that failed", async () => {
  const { batchId } = first;
  const before = await stat(inOut("spring", "a_long.mp4"));
  await rmdir(inOut("copies", "a_long.mp4"));
  const run = await resumed(pipeline.batches.retryBatch({ batchId }));
  expect(run).toMatchObject({ run: 2, combinations: 1n });
  const ended = await endOfRun(pipeline, batchId, run);
  expect(countsOf(ended.updates)).toMatchObject({ combinationRendered: 1, combinationDelivered: 1 });
  expect(countsOf(ended.updates)).not.toHaveProperty("combinationPlanned");
  expect(ended.status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  expect(ended.status.deliveries).toMatchObject({ total: 10n, delivered: 10n, failed: 0n });
  expect(outputsOf(ended, "a/long")?.[1]).toEqual(["video", DELIVERED, "copies/a_long.mp4"]);
  expect((await stat(inOut("spring", "a_long.mp4"))).mtimeMs).toBe(before.mtimeMs);
});

it("delivers each output once into another folder, and restores a lost picture", async () => {
  const { batchId } = first;
  await rm(stored(), { recursive: true });
  const run = await resumed(pipeline.batches.deliverCombinations({ batchId, destination: folder("all") }));
  const ended = await endOfRun(pipeline, batchId, run);
  expect(ended.status.deliveries).toMatchObject({ total: 10n, delivered: 10n, failed: 0n });
  const names = ["a_long", "b_long"].flatMap((name) =>
    [".draft.mp4", ".mp4", ".png", ".sheet.jpg"].map((end) => name + end),
  );
  const listed = async () => (await visibleFiles(inOut("all"))).filter((name) => !name.startsWith("manifest"));
  expect((await listed()).sort()).toEqual(names.sort());
});

it("leaves nothing of a deleted batch in any folder, nor in the store", async () => {
  const { batchId } = first;
  await pipeline.batches.deleteBatch({ batchId });
  await expect.poll(() => visibleFiles(pipeline.out), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => readdir(join(stored(), batchId)).catch(() => [])).toEqual([]);
});

it("costs three messages per combination for a plain batch", async () => {
  const film = await put(pipeline, join(pipeline.folder, "a.mp4"));
  const plain = await runBatch(pipeline, { blocks: [video("hook", { choices: [footage("a", film)] })] });
  expect(countsOf(plain.updates)).toMatchObject({
    ...{ combinationPlanned: 1, combinationRendered: 1, combinationDelivered: 1 },
  });
  expect(plain.status.deliveries).toMatchObject({ total: 1n, delivered: 1n });
  expect(plain.combinations[0]?.outputs).toMatchObject([{ name: "video", path: `${plain.batchId}/a.mp4` }]);
});
