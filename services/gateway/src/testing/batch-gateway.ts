import { randomUUID } from "node:crypto";
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, FailureSchema } from "@polyreel/contract";
import { expect } from "vitest";
import type { GatewayConfig } from "../config.js";
import { type RunningGateway, runGateway } from "./running-gateway.js";
import { sampleBatch } from "./sample-batch.js";

/** For machines that are busy with other tests. */
export const PATIENT = { timeout: 20_000 };

export const batchClient = (url: string): Client<typeof BatchService> =>
  createClient(BatchService, createGrpcTransport({ baseUrl: url }));

/** A gateway, a client of its batches, and what other services would publish about them. */
export interface BatchGateway {
  readonly gateway: RunningGateway;
  readonly client: Client<typeof BatchService>;
  /** Submits a sample batch; returns its id. */
  submit(requestId?: string, name?: string): Promise<string>;
  planned(batchId: string, combinations: number): Promise<unknown>;
  deliver(batchId: string, ordinal: number): Promise<unknown>;
}

export async function runBatchGateway(overrides: Partial<GatewayConfig> = {}): Promise<BatchGateway> {
  const gateway = await runGateway(overrides);
  const client = batchClient(gateway.url);
  const { publisher } = gateway.platform;
  return {
    gateway,
    client,
    submit: async (requestId = randomUUID(), name = "sample") =>
      (await client.submitBatch({ batch: sampleBatch({ name }), requestId })).batch?.batchId ?? "",
    planned: (batchId, combinations) =>
      publisher.publish("batch.planned", { batchId, combinations: BigInt(combinations) }, { id: "plan" }),
    deliver: (batchId, ordinal) =>
      publisher.publish(
        "combination.delivered",
        { batchId, combinationId: `c${ordinal}`, ordinal: BigInt(ordinal), path: `${ordinal}.mp4`, attempt: 1 },
        { id: `c${ordinal}` },
      ),
  };
}

/** How a call is refused; fails where it is not. */
export async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => expect.fail("the call was not refused"),
    (thrown: unknown) => ConnectError.from(thrown),
  );
  return { code: error.code, message: error.rawMessage, failures: error.findDetails(FailureSchema) };
}
