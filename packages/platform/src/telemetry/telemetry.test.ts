import { once } from "node:events";
import net from "node:net";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createLog } from "../runtime/log.js";
import { reportOutages } from "./report-outages.js";
import { activeTraceId, createTelemetry, type Telemetry, traceparent } from "./telemetry.js";

describe("tracing without an exporter", () => {
  let telemetry: Telemetry;
  beforeAll(async () => {
    telemetry = await createTelemetry("test", {});
  });
  const parentInside = (parent?: string | null) =>
    telemetry.span("inside", parent === undefined ? {} : { parent }, async (span) => {
      await Promise.resolve();
      expect(traceparent()).toBe(traceparent(span));
      expect(traceparent()).toContain(activeTraceId());
      return traceparent();
    });
  const traceOf = (parent: string) => parent.split("-")[1];

  it("still has ids: a new trace's, the active span's, or a message's", async () => {
    const outside = await telemetry.span("outside", { parent: null }, async () => {
      const inside = await parentInside();
      expect(traceOf(inside)).toBe(activeTraceId());
      expect(inside).not.toBe(traceparent());
      expect(traceOf(await parentInside(null))).not.toBe(activeTraceId());
      return traceparent();
    });
    expect(outside).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceOf(await parentInside(outside))).toBe(traceOf(outside));
    expect(await parentInside(outside.replace(/01$/, "00"))).toMatch(/-00$/); // Not sampled: others do not export theirs.
    expect(await parentInside("not one")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceparent()).toBe("");
  });

  it("rethrows the work's error", async () => {
    await expect(telemetry.span("fails", {}, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
});

describe("tracing to a collector", () => {
  it.each([
    ["OTEL_TRACES_SAMPLER", "sometimes"],
    ["OTEL_TRACES_SAMPLER_ARG", "50%"],
  ])("refuses %s=%s, which the SDK would ignore", async (name, value) => {
    const env = { OTEL_TRACES_EXPORTER: "console", OTEL_TRACES_SAMPLER: "parentbased_traceidratio", [name]: value };
    await expect(createTelemetry("test", env)).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: `${name} is "${value}".` },
    });
  });

  it("takes all spans of a trace or none, as its first one decided", async () => {
    vi.stubEnv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"); // Read by the SDK.
    vi.stubEnv("OTEL_TRACES_SAMPLER_ARG", "0");
    const { span } = await createTelemetry("test", { OTEL_TRACES_EXPORTER: "console" });
    vi.unstubAllEnvs();
    const isRecorded = (parent: string | null) => span("work", { parent }, async (own) => own.isRecording());
    expect(await isRecorded(null)).toBe(false);
    const first = await span("first", { parent: null }, async () => traceparent());
    expect(first).toMatch(/-00$/);
    expect(await isRecorded(first)).toBe(false);
  });

  it.each(["collector:4318", "not a url", "ftp://collector", "/v1/traces"])(
    "refuses the endpoint %s",
    async (endpoint) => {
      for (const name of ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]) {
        await expect(createTelemetry("test", { [name]: endpoint })).rejects.toMatchObject({
          code: "invalid",
          failure: { reason: `${name} is not a URL of http or https.` },
        });
      }
    },
  );

  it("warns once when it is unavailable, and reports when it is back", async () => {
    const away = { code: ExportResultCode.FAILED, error: new Error("connect ECONNREFUSED") };
    const results: ExportResult[] = [away, away, { code: ExportResultCode.SUCCESS }, away];
    const lines: { level: string; message: string }[] = [];
    const log = createLog("test", "info", { write: (line: string) => void lines.push(JSON.parse(line)) });
    const exporter = new InMemorySpanExporter();
    exporter.export = (_, done) => done(results.shift() ?? away);
    const reporting = reportOutages("traces", exporter, log);
    while (results.length > 0) await new Promise((resolve) => reporting.export([], resolve));
    expect(lines.map(({ level }) => level)).toEqual(["warn", "info", "warn"]);
  });

  it("warns of one that never answers, and ends cleanly", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, "close");
    const lines: string[] = [];
    const log = createLog("test", "info", { write: (line: string) => void lines.push(line) });
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port}`; // The exporter reads it itself.
    try {
      const telemetry = await createTelemetry("test", { ...process.env }, log);
      await telemetry.span("nobody sees it", {}, async () => {});
      await telemetry.close();
    } finally {
      delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("traces can't be exported");
  });
});
