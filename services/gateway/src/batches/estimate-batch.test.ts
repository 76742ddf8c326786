import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, EstimateBatchRequestSchema, estimateRequest } from "@polyreel/contract";
import { createLog } from "@polyreel/platform/runtime";
import { answerRequests } from "@polyreel/platform/stream";
import { expect, it } from "vitest";
import { identify } from "../call/identify.js";
import { runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";
import type { BatchDeps } from "./deps.js";
import { estimateBatch } from "./estimate-batch.js";

it("reports that a batch is too large, rather than that no planner answers", async () => {
  const stream = { broker: { assertThere: () => {} }, connection: { info: { max_payload: 1000 } } };
  const deps = { stream } as unknown as BatchDeps;
  const request = create(EstimateBatchRequestSchema, { batch: { name: "x".repeat(2000) } });
  await expect(
    estimateBatch(deps)(request, identify({ header: null }, new AbortController().signal)),
  ).rejects.toMatchObject({
    code: "exhausted",
    failure: { field: "batch", reason: expect.stringContaining("1000 at most") },
  });
});

it("stops the planner when the client aborts, or its deadline expires", async () => {
  const gateway = await runGateway();
  const { stream } = gateway.platform;
  const log = createLog("test", "silent");
  const asked: { name: string; stopped: Promise<unknown> }[] = [];
  const client = new AbortController();
  const planner = answerRequests(estimateRequest, { stream, log }, { atOnce: 2 }, async ({ batch }, signal) => {
    const name = batch?.name ?? "";
    const stopped = once(signal, "abort");
    asked.push({ name, stopped });
    if (name === "left") client.abort();
    await stopped;
    throw signal.reason;
  });
  await stream.connection.flush();
  try {
    const { estimateBatch: call } = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
    const code = (error: unknown) => ConnectError.from(error).code;
    const left = await call({ batch: sampleBatch({ name: "left" }) }, { signal: client.signal }).catch(code);
    expect(left).toBe(Code.Canceled);
    await asked[0]?.stopped;
    // Long enough to reach the planner even on a busy machine.
    const late = await call({ batch: sampleBatch({ name: "late" }) }, { timeoutMs: 2_000 }).catch(code);
    expect(late).toBe(Code.DeadlineExceeded);
    await asked[1]?.stopped;
    expect(asked.map(({ name }) => name)).toEqual(["left", "late"]);
  } finally {
    await planner.close();
    await gateway.close();
  }
});
