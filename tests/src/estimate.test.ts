import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { BatchSchema, type EstimateBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOf, labels, runBatch, submit } from "./testing/batches.js";
import { audio, bed, footage, text, video, voice } from "./testing/blocks.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

let pipeline: Pipeline;
let sources: { red: string; blue: string; body: string; music: string };

beforeAll(async () => {
  pipeline = await startPipeline();
  const made = async (name: string, hertz: number) =>
    put(pipeline, await makeFootage(pipeline.folder, name, { hertz, seconds: 1 }));
  sources = {
    red: await made("red.mp4", 300),
    blue: await made("blue.mp4", 400),
    body: await made("body.mp4", 500),
    music: await put(pipeline, await makeBed(pipeline.folder, "music.wav")),
  };
});
afterAll(() => pipeline?.close());

/** Two hooks, one body, two headlines over the hooks, one voice, music or none: 8 combinations of 2 seconds. */
const batchOf = (headlines = ["Half price", "Free"], rest: object = {}) =>
  create(BatchSchema, {
    canvas: { width: 90, height: 160 },
    blocks: [
      video("hook", { choices: [footage("red", sources.red), footage("blue", sources.blue)] }),
      video("body", { choices: [footage("body", sources.body)] }),
      text("headline", { over: ["hook"], choices: headlines.map((one) => ({ text: one })) }),
      voice("speaker", { overrun: 2, choices: [{ text: "Hello there, everybody" }] }),
      audio("music", { choices: [bed("music", sources.music), bed("silence")] }),
    ],
    ...rest,
  });
const estimate = async (batch = batchOf(), base?: ReturnType<typeof batchOf>) =>
  pipeline.batches.estimateBatch({ batch, ...(base && { base }) });
const parts = ({ clips, voices, soundtracks }: EstimateBatchResponse) =>
  [clips, voices, soundtracks].map((kind) => [Number(kind?.there), Number(kind?.distinct)]);

it("predicts the cost of a batch, and none once it is made", async () => {
  const before = await estimate();
  expect(before.combinations).toBe(8n);
  // Two hooks under two headlines and one body; two soundtracks for each hook's sound.
  expect(parts(before)).toEqual([
    [0, 5],
    [0, 1],
    [0, 4],
  ]);
  expect(before.combinationSeconds).toBeCloseTo(16, 5);
  expect(before.clipSeconds).toBeCloseTo(5, 5);
  expect(before.saving).toBeGreaterThan(2);
  expect(before.unknown).toMatchObject([{ block: "speaker", reason: expect.stringContaining("not spoken yet") }]);
  expect(await readdir(join(pipeline.store, "tenants", "default", "parts")).catch(() => [])).toEqual([]);

  const { status, combinations } = await runBatch(pipeline, batchOf());
  const after = await estimate();
  expect(parts(after)).toEqual([
    [5, 5],
    [1, 1],
    [4, 4],
  ]);
  expect(status.combinations?.total).toBe(after.combinations);
  expect(status.combinationSeconds).toBeCloseTo(after.combinationSeconds, 5);
  expect(after.clipSeconds).toBe(0);
  expect(after.predictedSeconds).toBeLessThan(before.predictedSeconds);
  expect(after.unknown).toEqual([]);
  // Payload sizes are exact, and headers are small.
  const bytes = combinations.reduce((sum, { certificate }) => sum + Number(certificate?.sizeBytes), 0);
  expect(Number(after.outputBytes) / bytes).toBeGreaterThan(0.95);
  expect(Number(after.outputBytes) / bytes).toBeLessThan(1.05);
});

it("estimates the additional cost of a changed batch", async () => {
  const { clips, soundtracks } = await estimate(batchOf(["Half price", "Gratis"]), batchOf());
  expect([clips?.there, clips?.distinct, soundtracks?.there]).toEqual([3n, 5n, 4n]);
});

it("excludes sources that are not stored, and reports them", async () => {
  const batch = batchOf();
  const hook = batch.blocks[0]?.kind;
  if (hook?.case === "video" && hook.value.choices[0]) {
    hook.value.choices[0].media = footageOf("f".repeat(64));
  }
  const { combinations, clips, combinationSeconds, unknown } = await estimate(batch);
  expect(combinations).toBe(8n);
  expect(clips?.distinct).toBe(3n);
  expect(combinationSeconds).toBeCloseTo(8, 5);
  expect(unknown).toMatchObject([
    { block: "hook", choice: "red", reason: expect.stringContaining("not in the store yet") },
  ]);
});

it("counts what would fail, also in a batch of 3 MiB, which does not fit in a message", async () => {
  const beyond = { ...footage("beyond", sources.red), trim: { duration: { seconds: 5n } } };
  const texts = Array.from({ length: 2_000 }, (_, i) => ({ text: `${i} `.padEnd(1_600, "x") }));
  const blocks = [
    video("hook", { choices: [footage("red", sources.red), beyond] }),
    text("headline", { over: ["hook"], choices: texts }),
  ];
  const { combinations, failing, failures, clips } = await estimate(batchOf(undefined, { blocks }));
  expect([combinations, failing, clips?.distinct]).toEqual([4_000n, 2_000n, 2_000n]);
  expect(failures).toMatchObject([
    { combinations: 2_000n, about: false, failure: { block: "hook", choice: "beyond", field: "trim.duration" } },
  ]);
});

const footageOf = (sha256: string) =>
  create(BatchSchema, {
    blocks: [video("v", { choices: [footage("red", sha256)] })],
  }).blocks.flatMap(({ kind }) => (kind.case === "video" ? kind.value.choices.map(({ media }) => media) : []))[0] ?? {
    case: undefined,
  };

it("refuses a batch with invalid rules", async () => {
  await expect(estimate(batchOf(undefined, { where: ["hok == 'red'"] }))).rejects.toThrow('Did you mean "hook"?');
});

it("renders a sample, and then the rest of the same batch without remaking a part", async () => {
  const headlines = ["One", "Two", "Three"];
  const rules = { where: ["headline != 'Three' || hook == 'red'"] };
  const sample = await runBatch(pipeline, batchOf(headlines, { ...rules, sample: { count: 4n, seed: 5n } }));
  const rest = await runBatch(pipeline, batchOf(headlines, { ...rules, continues: sample.batchId }));
  const both = [...sample.combinations, ...rest.combinations].map(labels);
  expect(sample.combinations).toHaveLength(4);
  expect(rest.combinations).toHaveLength(6);
  expect(new Set(both).size).toBe(10);
  expect(both.filter((one) => one.includes("Three") && !one.startsWith("red"))).toEqual([]);
  const made = (ended: typeof rest) => Number(ended.status.clips?.made);
  expect(made(sample) + made(rest)).toBeLessThanOrEqual(5);
  await expect(submit(pipeline, batchOf(["One"], { continues: sample.batchId }))).rejects.toThrow("other combinations");
  await expect(submit(pipeline, batchOf(headlines, { continues: rest.batchId }))).rejects.toThrow("was no sample");
  await expect(submit(pipeline, batchOf(headlines, { continues: "b-nothing" }))).rejects.toThrow("There is no batch");
  const all = batchOf(headlines, { ...rules, sample: { count: 99n } });
  const whole = await submit(pipeline, all);
  await endOf(pipeline, whole, { withinSeconds: 60 });
  await expect(submit(pipeline, batchOf(headlines, { ...rules, continues: whole }))).rejects.toThrow("already");
});
