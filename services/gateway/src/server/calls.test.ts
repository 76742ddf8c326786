import {
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  createRouterTransport,
  type ServiceImpl,
} from "@connectrpc/connect";
import { BatchService, FailureSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import type { Span, SpanOptions, Telemetry } from "@polyreel/platform/telemetry";
import { describe, expect, it } from "vitest";
import { logCalls } from "./log-calls.js";
import { traceCalls } from "./trace-calls.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

interface Recorded extends SpanOptions {
  name: string;
  set: Record<string, unknown>;
  outcome: "running" | "ended" | "failed";
}

function callsTo(implementation: Partial<ServiceImpl<typeof BatchService>>) {
  const spans: Recorded[] = [];
  const telemetry: Telemetry = {
    async span(name, options, work) {
      const recorded: Recorded = { name, ...options, set: {}, outcome: "running" };
      spans.push(recorded);
      let outcome: Recorded["outcome"] = "ended";
      const span = {
        isRecording: () => true,
        spanContext: () => ({ traceId: TRACE }),
        setAttribute: (key: string, value: unknown) => (recorded.set[key] = value),
        setAttributes: (attributes: object) => Object.assign(recorded.set, attributes),
        setStatus: () => (outcome = "failed"),
        recordException: () => {},
      };
      const result = await work(span as unknown as Span);
      recorded.outcome = outcome;
      return result;
    },
    close: async () => {},
  };
  const lines: Record<string, unknown>[] = [];
  const log = createLog("test", "debug", { write: (line: string) => void lines.push(JSON.parse(line)) });
  const interceptors = [traceCalls(telemetry), logCalls(log)];
  const routes = (router: ConnectRouter) => void router.service(BatchService, implementation);
  return {
    client: createClient(BatchService, createRouterTransport(routes, { router: { interceptors } })),
    spans,
    lines,
  };
}

const refusalOf = (call: Promise<unknown>): Promise<ConnectError> =>
  call.then(
    () => expect.fail("the call was not refused"),
    (thrown: unknown) => ConnectError.from(thrown),
  );

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;

describe("calls", () => {
  it("are traced under the caller's trace, and logged once", async () => {
    const { client, spans, lines } = callsTo({ getBatch: () => ({}) });
    await client.getBatch({ batchId: "b" }, { headers: { traceparent: TRACEPARENT } });
    await client.getBatch({ batchId: "b" });
    expect(spans).toMatchObject([
      {
        name: "polyreel.v1.BatchService/GetBatch",
        parent: TRACEPARENT,
        attributes: { "rpc.method": "polyreel.v1.BatchService/GetBatch" },
        set: { "rpc.response.status_code": "OK", "polyreel.batch.id": "b" },
        outcome: "ended",
      },
      { parent: null },
    ]);
    expect(lines).toMatchObject([{ level: "info", status: "OK", rpc: "polyreel.v1.BatchService/GetBatch" }, {}]);
  });

  it("that stream last until their last message", async () => {
    const { client, spans, lines } = callsTo({
      async *watchBatch() {
        yield {};
        yield {};
      },
    });
    const messages = client.watchBatch({ batchId: "b" })[Symbol.asyncIterator]();
    await messages.next();
    expect(spans[0]?.outcome).toBe("running");
    expect(lines).toEqual([]);
    while (!(await messages.next()).done);
    await expect.poll(() => spans[0]?.outcome, PATIENT).toBe("ended");
    expect(lines).toMatchObject([{ status: "OK" }]);
  });

  it.each<[string, Error, Code, string, string, string]>([
    [
      "a refusal",
      new PolyreelError("not_found", { reason: "There is none.", remedy: "Look elsewhere." }),
      Code.NotFound,
      "There is none. Look elsewhere.",
      "info",
      "ended",
    ],
    ["an outage", new PolyreelError("unavailable", "Away."), Code.Unavailable, "Away.", "warn", "failed"],
    [
      "a mistake of ours",
      new Error("password hunter2 refused"),
      Code.Internal,
      "Something went wrong inside Polyreel. Look in the service's log for this trace.",
      "error",
      "failed",
    ],
  ])("report %s, from a unary call and within a stream", async (_, error, code, message, level, outcome) => {
    const { client, spans, lines } = callsTo({
      getBatch: () => {
        throw error;
      },
      async *watchBatch() {
        yield {};
        throw error;
      },
    });
    const unary = await refusalOf(client.getBatch({ batchId: "b" }));
    const messages = client.watchBatch({ batchId: "b" })[Symbol.asyncIterator]();
    await messages.next();
    const streamed = await refusalOf(messages.next());
    for (const refusal of [unary, streamed]) {
      expect(refusal).toMatchObject({ code, rawMessage: message });
      expect(refusal.findDetails(FailureSchema)).toHaveLength(1);
      expect(refusal.metadata.get("trace-id")).toBe(TRACE);
    }
    await expect.poll(() => spans.map((span) => span.outcome), PATIENT).toEqual([outcome, outcome]);
    expect(lines).toMatchObject([{ level }, { level }]);
    expect(JSON.stringify(lines).includes("hunter2")).toBe(level === "error");
  });
});
