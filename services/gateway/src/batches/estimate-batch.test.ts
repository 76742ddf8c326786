import { once } from "node:events";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, estimateRequest } from "@polyreel/contract";
import { createLog } from "@polyreel/platform/runtime";
import { answerRequests } from "@polyreel/platform/stream";
import { expect, it } from "vitest";
import { runGateway } from "../testing/running-gateway.js";
import { sampleBatch, textBlock, videoBlock } from "../testing/sample-batch.js";

it("sends the planner a batch that does not fit in a message", async () => {
  const gateway = await runGateway();
  const { stream } = gateway.platform;
  const log = createLog("test", "silent");
  const texts = Array.from({ length: 2_000 }, (_, i) => `${i} `.padEnd(1_900, "x"));
  const planner = answerRequests(estimateRequest, { stream, log }, { atOnce: 1 }, async ({ batch }) => {
    const { kind } = batch?.blocks[1] ?? {};
    const read = kind?.case === "text" ? kind.value.choices.map(({ text }) => text) : [];
    return { combinations: BigInt(read.length), failing: read.join() === texts.join() ? 1n : 0n };
  });
  await stream.connection.flush();
  try {
    const { estimateBatch: call } = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
    const blocks = [videoBlock("hook", ["friday"]), textBlock("headline", ["hook"], texts)];
    expect(await call({ batch: sampleBatch({ blocks }) })).toMatchObject({ combinations: 2_000n, failing: 1n });
  } finally {
    await planner.close();
    await gateway.close();
  }
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
