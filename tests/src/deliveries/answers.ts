import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, BatchState, type BatchStatus, type CombinationStatus } from "@polyreel/contract";
import { combinationsOf } from "../testing/batches.js";
import type { Pipeline } from "../testing/pipeline.js";

/** A gateway's answers about a batch. */
export interface Answers {
  readonly status: BatchStatus | undefined;
  readonly combinations: readonly CombinationStatus[];
}

/** A gateway that was just started reads all facts first. */
const READ_MS = 120_000;

/** Answers of the running gateway. */
export async function answersOf({ batches }: Pick<Pipeline, "batches">, batchId: string): Promise<Answers> {
  for (const until = Date.now() + READ_MS; ; await delay(100)) {
    const answer = await batches.getBatch({ batchId }, { timeoutMs: 5_000 }).catch(() => undefined);
    if (answer?.batch?.state !== BatchState.FINISHED && Date.now() < until) continue;
    return { status: answer?.batch, combinations: await combinationsOf({ batches }, batchId) };
  }
}

/** Answers of another gateway with its read model in memory: derived from the stream alone. */
export async function answersInMemory(pipeline: Pipeline, batchId: string): Promise<Answers> {
  const gateway = pipeline.start("gateway", { GATEWAY_PORT: "0", GATEWAY_DATABASE: "" });
  try {
    const { port } = await gateway.logged(/^listening/);
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
    return await answersOf({ batches: createClient(BatchService, transport) }, batchId);
  } finally {
    await gateway.kill("SIGTERM");
  }
}
