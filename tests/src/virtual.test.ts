import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { BatchSchema, type CombinationStatus } from "@polyreel/contract";
import { streamBytes } from "@polyreel/gateway";
import { normalizeBatch } from "@polyreel/spec";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ended, labels, manifestOf, runBatch } from "./testing/batches.js";
import { audio, bed, footage, text, video } from "./testing/blocks.js";
import { visibleFiles } from "./testing/left-behind.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";
import { streamSize } from "./testing/stream-size.js";

let pipeline: Pipeline;
let written: Ended;
let virtual: Ended;
/** Growth of the stream by the virtual batch in bytes, and its estimate. */
let stream: { added: number; predicted: number };

beforeAll(async () => {
  pipeline = await startPipeline();
  const { folder, nats } = pipeline;
  const films = [
    await makeFootage(folder, "a.mp4", { seconds: 1 }),
    await makeFootage(folder, "b.mp4", { seconds: 1, hertz: 550, size: "240x240" }),
  ];
  const [a = "", b = ""] = await Promise.all(films.map((path) => put(pipeline, path)));
  const music = await put(pipeline, await makeBed(folder, "bed.wav"));
  const trim = { duration: { seconds: 0n, nanos: 400_000_000 } };
  const batch = {
    name: "spring sale",
    canvas: { width: 90, height: 160 },
    blocks: [
      video("hook", { choices: [footage("a", a), footage("b", b)] }),
      text("headline", { over: ["hook"], choices: [{ label: "half price" }, { text: "Free" }] }),
      video("body", { choices: [footage("long", b), footage("short", a, { trim })] }),
      audio("music", { loop: true, gainDb: -14, choices: [bed("chord", music), bed("silence")] }),
    ],
  };
  written = await runBatch(pipeline, batch);
  const before = await streamSize(nats.url);
  const virtualBatch = { ...batch, outputs: [{ virtual: true }] };
  virtual = await runBatch(pipeline, virtualBatch);
  const spec = normalizeBatch(create(BatchSchema, virtualBatch));
  stream = { added: (await streamSize(nats.url)) - before, predicted: streamBytes(spec, virtual.combinations.length) };
});
afterAll(() => pipeline?.close());

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const servedHash = async ({ urlPath }: CombinationStatus): Promise<string> => {
  const answer = await fetch(pipeline.url + urlPath);
  expect(answer.status).toBe(200);
  return sha256(new Uint8Array(await answer.arrayBuffer()));
};

test("a virtual video has the bytes of the written one, hash for hash", async () => {
  expect(virtual.status.combinations).toMatchObject({ total: 16n, delivered: 16n, failed: 0n });
  const files = new Map<string, string>();
  for (const one of written.combinations) {
    const hash = sha256(await readFile(join(pipeline.out, one.path)));
    files.set(labels(one), hash);
    expect(await servedHash(one)).toBe(hash); // Served like a virtual one.
  }
  expect(new Set(files.values()).size).toBe(16);
  for (const one of virtual.combinations) expect(await servedHash(one), labels(one)).toBe(files.get(labels(one)));
});

test("writes only the manifest, with the URLs", async () => {
  const rows = await manifestOf(pipeline, virtual.batchId);
  expect(rows.map(({ urlPath }) => urlPath)).toEqual(virtual.combinations.map(({ urlPath }) => urlPath));
  for (const row of rows) expect(row).not.toHaveProperty("file");
  await expect
    .poll(() => visibleFiles(join(pipeline.out, virtual.batchId)))
    .toEqual(["manifest.csv", "manifest.jsonl"]);
  for (const { path, urlPath } of virtual.combinations) expect([path, urlPath]).toEqual(["", expect.any(String)]);
});

test("estimates the size of a batch in the event stream, rather too high than too low", () => {
  expect(stream.predicted / stream.added).toBeGreaterThan(0.9);
  expect(stream.predicted / stream.added).toBeLessThan(2);
});
