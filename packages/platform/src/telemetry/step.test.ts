import { setTimeout as delay } from "node:timers/promises";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { beforeEach, expect, it } from "vitest";
import { PolyreelError } from "../errors.js";
import { createLog } from "../runtime/log.js";
import { briefStep, step, timed, within, withSteps } from "./step.js";
import { createTelemetry } from "./telemetry.js";

const exporter = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
beforeEach(() => exporter.reset());

/** Runs work in the span of a service that exports. */
const exported = <T>(work: () => Promise<T>): Promise<T> =>
  tracer.startActiveSpan("work", {}, context.active(), (span) =>
    context.with(withSteps(context.active(), tracer, span), () => work().finally(() => span.end())),
  );
const finished = () => exporter.getFinishedSpans().map(({ name }) => name);

it("makes a step a child of the work around it, and parent of its own steps", async () => {
  await exported(() =>
    step("outer", async (span) => {
      span.setAttribute("count", 1);
      await step("inner", () => {}, { kind: "clip" });
    }),
  );
  const [inner, outer, work] = exporter.getFinishedSpans();
  expect(finished()).toEqual(["inner", "outer", "work"]);
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(outer?.parentSpanContext?.spanId).toBe(work?.spanContext().spanId);
  expect([inner?.attributes, outer?.attributes]).toEqual([{ kind: "clip" }, { count: 1 }]);
});

it("marks a failed step, and leaves the cause to the work's own span", async () => {
  const error = new PolyreelError("invalid", "Broken.", { cause: new Error("the cause") });
  await expect(exported(() => step("fails", () => Promise.reject(error)))).rejects.toBe(error);
  const [span] = exporter.getFinishedSpans();
  expect(span).toMatchObject({
    status: { message: "Broken." },
    attributes: { "error.type": "invalid_argument" },
    events: [],
  });
});

it("adds what brief steps took to the work's span, and shows those of a tenth of a second", async () => {
  await exported(async () => {
    expect(await briefStep("at once", () => 7)).toBe(7);
    for (let i = 0; i < 2; i++) await briefStep("lay out", () => delay(20));
    await briefStep("waited", () => delay(120));
    await timed("wait for slot", () => delay(120));
    const failing = briefStep("waited in vain", () => delay(120).then(() => Promise.reject(new Error("gone"))));
    await expect(failing).rejects.toThrow("gone");
  });
  expect(finished()).toEqual(["waited", "waited in vain", "work"]);
  const [waited, inVain, work] = exporter.getFinishedSpans();
  const [seconds = 0, nanoseconds = 0] = waited?.duration ?? [];
  expect(seconds * 1e3 + nanoseconds / 1e6).toBeGreaterThanOrEqual(115);
  expect(inVain?.attributes["error.type"]).toBe("internal");
  expect(Object.keys(work?.attributes ?? {}).sort()).toEqual([
    "polyreel.step.lay_out.seconds",
    "polyreel.step.wait_for_slot.seconds",
    "polyreel.step.waited.seconds",
    "polyreel.step.waited_in_vain.seconds",
  ]);
  expect(work?.attributes["polyreel.step.lay_out.seconds"]).toBeGreaterThanOrEqual(0.036);
});

it("has no steps of work that is not sampled", async () => {
  const sampler = new AlwaysOffSampler();
  const unsampled = new BasicTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = unsampled.getTracer("test").startSpan("work");
  await context.with(withSteps(trace.setSpan(context.active(), span), tracer, span), async () => {
    await step("step", () => {});
    await briefStep("waited", () => delay(120));
  });
  expect(finished()).toEqual([]);
});

it("only runs the work where nothing is exported", async () => {
  const telemetry = await createTelemetry("test", {});
  await telemetry.span("work", {}, async (span) => {
    await step("step", (own) => {
      own.setAttribute("count", 1);
      expect(trace.getActiveSpan()).toBe(span);
    });
    await briefStep("brief", () => delay(5));
  });
  expect(finished()).toEqual([]);
});

it("names a span in log lines after it has ended", async () => {
  const lines: string[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(line) });
  const span = tracer.startSpan("ended");
  span.end();
  await within(span, async () => {
    await delay(1);
    log.warn("failed; retrying");
  });
  const { traceId, spanId } = span.spanContext();
  expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({ trace_id: traceId, span_id: spanId });
});
