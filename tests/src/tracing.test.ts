import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodingAfter } from "./kill/whole.js";
import { runBatch, submit, watch } from "./testing/batches.js";
import { footage, video } from "./testing/blocks.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type ReceivedSpan, startOtlpReceiver } from "./testing/otlp-receiver.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let pipeline: Pipeline;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  pipeline = await startPipeline({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_BLRP_SCHEDULE_DELAY: "100",
  });
});
afterAll(async () => {
  await pipeline?.close();
  await receiver?.close();
});

it("follows one combination through all five services, links included", async () => {
  const clip = await put(pipeline, await makeFootage(pipeline.folder, "a.mp4", { seconds: 2 }));
  const music = await put(pipeline, await makeBed(pipeline.folder, "m.wav"));
  const source = (sha256: string) => ({ location: { case: "sha256" as const, value: sha256 }, name: "x" });
  const { batch } = await pipeline.batches.submitBatch({
    batch: {
      canvas: { width: 180, height: 320 },
      blocks: [
        {
          name: "hook",
          kind: { case: "video", value: { choices: [{ media: { case: "source", value: source(clip) } }] } },
        },
        { name: "say", kind: { case: "voice", value: { choices: [{ text: "Hello there" }] } } },
        { name: "music", kind: { case: "audio", value: { choices: [{ source: source(music) }, { label: "none" }] } } },
      ],
    },
  });
  const batchId = batch?.batchId ?? "";
  for await (const _ of pipeline.batches.watchBatch({ batchId })); // Until it is finished.

  const { combinations } = await pipeline.batches.listCombinations({ batchId });
  expect(combinations.map(({ failure }) => failure?.reason)).toEqual([undefined, undefined]);
  const traceId = combinations[0]?.traceId ?? "";
  const ofCombination = (): ReceivedSpan[] => receiver.spans.filter((span) => span.traceId === traceId);
  const named = (name: string) => ofCombination().find((span) => span.name === name);
  // Services export independently.
  for (const name of [
    "plan combination",
    "process polyreel.combination.planned",
    "process polyreel.combination.rendered",
  ])
    await expect.poll(() => named(name), { timeout: 10_000 }).toBeDefined();
  const plan = named("plan combination");
  const layout = named("process polyreel.combination.planned");
  const delivery = named("process polyreel.combination.rendered");
  expect([plan?.service, layout?.service, delivery?.service]).toEqual([
    "polyreel-planner",
    "polyreel-renderer",
    "polyreel-uploader",
  ]);
  expect(layout?.parentSpanId).toBe(plan?.spanId);
  expect(delivery?.parentSpanId).toBe(layout?.spanId);
  expect(plan?.attributes["polyreel.combination.id"]).toBe(combinations[0]?.id);

  // Work that several combinations share is one span, linked from each.
  const linked = (span: ReceivedSpan | undefined) =>
    (span?.links ?? []).map((link) => receiver.spans.find(({ spanId }) => spanId === link.spanId));
  await expect.poll(() => linked(plan).map((span) => span?.service)).toEqual(["polyreel-gateway"]);
  const partNames = ["process polyreel.clip.requested", "process polyreel.sound.requested"];
  await expect
    .poll(() =>
      linked(layout)
        .map((span) => span?.name)
        .sort(),
    )
    .toEqual(partNames);
  const parts = linked(layout);
  const sound = parts.find((span) => span?.name.includes("sound"));
  await expect
    .poll(() => linked(sound).map((span) => [span?.service, span?.name]))
    .toEqual([["polyreel-tts", "process polyreel.voice.requested"]]);
  // The parts were made in the submission's trace.
  expect(new Set([...parts, ...linked(sound), ...linked(plan)].map((span) => span?.traceId)).size).toBe(1);
  expect(linked(plan)[0]?.traceId).toBe(batch?.traceId);

  // The manifest, and every service's log, name the same traces.
  const manifest = join(pipeline.out, batchId, "manifest.jsonl");
  await expect.poll(() => readFile(manifest, "utf8").catch(() => "")).toContain(traceId);
  expect(pipeline.services.planner.log.some((line) => line.trace_id === batch?.traceId)).toBe(true);
});

it("exports what services log, with severity, trace and span", async () => {
  const { log } = pipeline.services.planner;
  const line = log.find(({ trace_id }) => trace_id !== undefined);
  const sameLine = () =>
    receiver.logs.find(({ service, spanId, message }) => {
      return service === "polyreel-planner" && spanId === line?.span_id && message === line?.message;
    });
  await expect.poll(sameLine).toMatchObject({ severity: 9, traceId: line?.trace_id });
  const { level, time, message, trace_id, span_id, service, ...about } = line ?? {};
  expect(Object.keys(sameLine()?.attributes ?? {}).sort()).toEqual(Object.keys(about).sort());
  const ofService = receiver.logs.filter(({ service }) => service === "polyreel-planner");
  await expect.poll(() => ofService.length).toBeLessThanOrEqual(log.length); // Each line once.
});

it("gives a replay a new trace, linked to the first", async () => {
  const replays = () => receiver.spans.filter(({ name }) => name === "replay combination");
  const { batches } = await pipeline.batches.listBatches({});
  const batchId = batches[0]?.batchId ?? "";
  const { combinations: before } = await pipeline.batches.listCombinations({ batchId });
  const { resumption } = await pipeline.batches.replayBatch({ batchId });
  const afterSequence = (resumption?.sequence ?? 1n) - 1n;
  for await (const _ of pipeline.batches.watchBatch({ batchId, afterSequence })); // Until it is finished again.
  const { combinations } = await pipeline.batches.listCombinations({ batchId });
  await expect.poll(() => replays().length, { timeout: 10_000 }).toBe(2);
  for (const [i, { id, traceId }] of combinations.entries()) {
    const first = before[i]?.traceId ?? "";
    expect(traceId).not.toBe(first);
    const replay = replays().find((span) => span.attributes["polyreel.combination.id"] === id);
    expect(replay?.traceId).toBe(traceId);
    const linked = () =>
      (replay?.links ?? []).map((link) => receiver.spans.find(({ spanId }) => spanId === link.spanId));
    await expect
      .poll(() => linked().map((span) => span?.name))
      .toEqual(["plan combination", expect.stringContaining("ReplayBatch")]);
    expect(linked()[0]?.traceId).toBe(first);
  }
});

it("shows where a combination failed, in the trace that it names", async () => {
  const clip = await put(pipeline, await makeFootage(pipeline.folder, "b.mp4", { seconds: 1 }));
  const gone = footage("gone", "0".repeat(64));
  const blocks = [video("hook", { choices: [footage("there", clip), gone] })];
  const { batchId, combinations } = await runBatch(pipeline, { blocks });
  const failed = combinations.find(({ failure }) => failure);
  const inTrace = () => receiver.spans.filter(({ traceId }) => traceId === failed?.traceId);
  await expect.poll(() => inTrace().map(({ name }) => name)).toContain("fail combination");
  expect(inTrace().find(({ name }) => name === "fail combination")).toMatchObject({
    error: failed?.failure?.reason,
    attributes: {
      "error.type": "not_found",
      "polyreel.block": "hook",
      "polyreel.choice": "gone",
      "polyreel.batch.id": batchId,
    },
  });
  const sound = combinations.find(({ failure }) => !failure);
  const ended = () =>
    receiver.spans.filter(({ name, traceId }) => name === "finish batch" || traceId === sound?.traceId);
  await expect.poll(() => ended().map(({ name }) => name)).toContain("finish batch");
  expect(ended().filter(({ error }) => error !== undefined)).toEqual([]);
});

it("ends each run in its own trace", async () => {
  const clip = await put(pipeline, await makeFootage(pipeline.folder, "c.mp4", { seconds: 1 }));
  const { batchId } = await runBatch(pipeline, { blocks: [video("hook", { choices: [footage("there", clip)] })] });
  const { resumption } = await pipeline.batches.replayBatch({ batchId });
  const afterSequence = (resumption?.sequence ?? 1n) - 1n;
  for await (const _ of pipeline.batches.watchBatch({ batchId, afterSequence })); // Until it is finished again.
  const of = (name: string) =>
    receiver.spans
      .filter((span) => span.name.endsWith(name) && span.attributes["polyreel.batch.id"] === batchId)
      .map(({ traceId }) => traceId);
  await expect.poll(() => of("finish batch").length).toBe(2);
  await expect.poll(() => [of("SubmitBatch")[0], of("ReplayBatch")[0]]).toEqual(of("finish batch"));
});

it("names HTTP requests by their routes, and the batch", async () => {
  const { batches } = await pipeline.batches.listBatches({});
  const batchId = batches[0]?.batchId ?? "";
  const left = new AbortController();
  const response = await fetch(`${pipeline.url}/events/${batchId}`, { signal: left.signal });
  left.abort();
  const traceId = response.headers.get("trace-id");
  await expect
    .poll(() => receiver.spans.find((span) => span.traceId === traceId))
    .toMatchObject({
      ...{ name: "GET /events/:batchId", service: "polyreel-gateway", error: undefined },
      attributes: { "http.route": "/events/:batchId", "polyreel.batch.id": batchId },
    });
});

it("shows a cancelled batch as no error", async () => {
  const clip = await put(pipeline, await makeFootage(pipeline.folder, "d.mp4", { seconds: 20 }));
  // Large enough to be cancelled while it is encoded.
  const canvas = { width: 1080, height: 1920 };
  const batchId = await submit(pipeline, { canvas, blocks: [video("hook", { choices: [footage("long", clip)] })] });
  await watch(pipeline, batchId, { withinSeconds: 60, until: encodingAfter(0) });
  await pipeline.batches.cancelBatch({ batchId });
  const of = () => receiver.spans.filter(({ attributes }) => attributes["polyreel.batch.id"] === batchId);
  const encoding = () => of().find(({ name }) => name === "process polyreel.clip.requested");
  await expect.poll(encoding).toMatchObject({ error: undefined, attributes: { "polyreel.cancelled": true } });
  expect(of().filter(({ error }) => error !== undefined)).toEqual([]);
});

it("shows waiting and work apart, each under the work that it is a step of", async () => {
  const clip = await put(pipeline, await makeFootage(pipeline.folder, "steps.mp4", { seconds: 3 }));
  const { batchId } = await runBatch(pipeline, { blocks: [video("hook", { choices: [footage("there", clip)] })] });
  const working = (name: string) =>
    receiver.spans.find((span) => span.name === name && span.attributes["polyreel.batch.id"] === batchId);
  await expect.poll(() => working("process polyreel.combination.rendered")).toBeDefined();
  const stepsOf = (name: string) =>
    receiver.spans.filter(({ parentSpanId }) => parentSpanId === working(name)?.spanId).map((span) => span);
  const namesOf = (name: string) => stepsOf(name).map((span) => span.name);
  expect(working("process polyreel.clip.requested")?.attributes).toMatchObject({
    "polyreel.part.kind": "clip",
    "polyreel.block": "hook",
    "polyreel.choice": "there",
    "messaging.operation.name": "process",
    "server.address": "127.0.0.1",
    "server.port": expect.any(Number),
  });
  for (const name of ["clip.requested", "combination.planned", "combination.rendered"]) {
    expect(working(`process polyreel.${name}`)?.attributes["polyreel.core.seconds"], name).toBeGreaterThan(0);
  }
  const encoded = working("process polyreel.clip.requested")?.attributes["polyreel.core.seconds"];
  const ofParts = working("process polyreel.combination.planned")?.attributes["polyreel.parts.core.seconds"];
  expect(ofParts).toBeGreaterThanOrEqual(Number(encoded));
  const waves = receiver.spans.filter(
    (span) => span.name.startsWith("publish ") && span.attributes["polyreel.batch.id"] === batchId,
  );
  expect(waves.map(({ attributes }) => Number(attributes["messaging.batch.message_count"]))).toContain(1);
  const encode = stepsOf("process polyreel.clip.requested").find(({ name }) => name === "ffmpeg");
  expect(encode).toMatchObject({
    service: "polyreel-renderer",
    attributes: { "process.exit.code": 0, "polyreel.ffmpeg.frames": 90, "polyreel.ffmpeg.speed": expect.any(Number) },
  });
  expect(encode?.attributes["polyreel.ffmpeg.speed"]).toBeGreaterThan(0);
  expect(namesOf("process polyreel.clip.requested")).toContain("store part");
  expect(namesOf("process polyreel.batch.submitted")).toContain("probe");
  expect(namesOf("process polyreel.combination.planned")).toContain("wait for parts");
  expect(working("process polyreel.combination.rendered")?.attributes).toMatchObject({
    "polyreel.output.bytes": expect.any(Number),
    "polyreel.step.write.seconds": expect.any(Number),
  });
  const paths = receiver.spans.flatMap(({ attributes }) =>
    Object.values(attributes).filter((value) => String(value).includes(pipeline.folder)),
  );
  expect(paths).toEqual([]);
});
