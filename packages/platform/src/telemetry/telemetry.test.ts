import { beforeAll, describe, expect, it } from "vitest";
import { activeTraceId, createTelemetry, type Telemetry, traceparent } from "./telemetry.js";

describe("tracing that nobody exports", () => {
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

  it("still has ids: a trace of its own, that of the active span, or that of a message", async () => {
    const outside = await telemetry.span("outside", { parent: null }, async () => {
      const inside = await parentInside();
      expect(traceOf(inside)).toBe(activeTraceId());
      expect(inside).not.toBe(traceparent());
      expect(traceOf(await parentInside(null))).not.toBe(activeTraceId());
      return traceparent();
    });
    expect(outside).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceOf(await parentInside(outside))).toBe(traceOf(outside));
    expect(await parentInside("not one")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceparent()).toBe("");
  });

  it("hands on what the work throws", async () => {
    await expect(telemetry.span("fails", {}, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
});
