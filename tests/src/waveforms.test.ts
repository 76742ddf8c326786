import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, CombinationState, FailureCode, WaveformFormat } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { labels, manifestOf, runBatch } from "./testing/batches.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;

const { DELIVERED, FAILED } = CombinationState;
const VIRTUAL = { kind: { case: "virtual" as const, value: {} } };
const OUTPUTS: NonNullable<BatchInit["outputs"]> = [
  { operation: { case: "waveform", value: { width: 120, height: 40 } } },
  { operation: { case: "waveform", value: { format: WaveformFormat.JSON, pixelsPerSecond: 10 } }, to: [VIRTUAL] },
];

let pipeline: Pipeline;
let sources: Record<"song" | "mute" | "talk", string>;

const source = (label: keyof typeof sources, name: string) => ({
  name,
  location: { case: "sha256" as const, value: sources[label] },
});

beforeAll(async () => {
  pipeline = await startPipeline();
  const { folder } = pipeline;
  sources = {
    song: await put(pipeline, await makeBed(folder, "song.wav")),
    mute: await put(pipeline, await makeFootage(folder, "mute.mp4", { sound: false })),
    talk: await put(pipeline, await makeFootage(folder, "talk.mp4", { seconds: 2 })),
  };
});
afterAll(() => pipeline?.close());

it("makes waveforms of inputs, fails for those without sound, and reuses what was made", async () => {
  const inputs = [
    { label: "song", source: source("song", "song.wav") },
    { label: "mute", source: source("mute", "mute.mp4") },
  ];
  const estimate = await pipeline.batches.estimateBatch({ batch: { inputs, outputs: OUTPUTS } });
  expect(estimate).toMatchObject({ failing: 1n, renditions: { distinct: 2n, there: 0n } });
  expect(estimate.failures[0]?.failure).toMatchObject({ choice: "mute", reason: expect.stringMatching(/no sound/) });
  const ended = await runBatch(pipeline, { inputs, outputs: OUTPUTS });
  const of = (label: string) => ended.combinations.find((one) => labels(one) === label)?.outputs ?? [];
  const [picture, data] = of("song");
  expect([picture, data].map((one) => [one?.name, one?.state])).toEqual([
    ["waveform", DELIVERED],
    ["waveform-2", DELIVERED],
  ]);
  const certified = picture?.certificate?.operation.value;
  expect(certified).toMatchObject({ format: "png", waveform: { length: 120, height: 40, bits: 0 } });
  expect((await readFile(join(pipeline.out, picture?.path ?? ""))).subarray(1, 4).toString()).toBe("PNG");
  const response = await fetch(new URL(data?.urlPath ?? "", pipeline.url));
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(await response.json()).toMatchObject({ version: 2, samples_per_pixel: 4800, bits: 8 });
  for (const { state, failure } of of("mute")) {
    expect(state).toBe(FAILED);
    expect(failure).toMatchObject({
      ...{ block: "input", choice: "mute", code: FailureCode.SOURCE_INVALID },
      reason: expect.stringMatching(/"mute\.mp4": The file has no sound\./),
    });
  }
  const [row] = await manifestOf(pipeline, ended.batchId);
  expect(row).toMatchObject({ certificate: { format: "png", waveform: { channels: 1, length: 120 } } });
  const again = await runBatch(pipeline, { inputs: inputs.slice(0, 1), outputs: OUTPUTS });
  expect(again.status.renditions).toMatchObject({ distinct: 2n, made: 0n, reused: 2n });
});

it("makes waveforms of combinations, and fails for those without sound", async () => {
  const choice = (label: "talk" | "mute") => ({
    label,
    media: { case: "source" as const, value: source(label, `${label}.mp4`) },
  });
  const blocks = [
    { name: "body", kind: { case: "video" as const, value: { choices: [choice("talk"), choice("mute")] } } },
  ];
  const ended = await runBatch(pipeline, { blocks, outputs: OUTPUTS, canvas: { width: 90, height: 160 } });
  const of = (label: string) => ended.combinations.find((one) => labels(one) === label)?.outputs ?? [];
  expect(of("talk").map(({ state }) => state)).toEqual([DELIVERED, DELIVERED]);
  expect(of("talk")[1]?.certificate?.operation.value).toMatchObject({
    durationSeconds: expect.closeTo(2, 1),
    waveform: { samplesPerPixel: 4800, length: 20 },
  });
  expect(of("mute").map(({ failure }) => [failure?.field, failure?.reason])).toEqual([
    ["outputs[0]", "This combination has no audible sound, of which this output is made."],
    ["outputs[1]", "This combination has no audible sound, of which this output is made."],
  ]);
  expect(ended.status.clips).toMatchObject({ distinct: 0n });
});
