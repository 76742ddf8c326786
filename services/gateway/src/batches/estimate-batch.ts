import { setImmediate as turn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import {
  type Batch,
  type EstimateBatchRequest,
  EstimateBatchRequestSchema,
  type EstimateBatchResponse,
  estimateRequest,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { sendRequest } from "@polyreel/platform/stream";
import { dated, normalizeBatch } from "@polyreel/spec";
import { type Call, tenantFor } from "../call/call.js";
import type { BatchDeps } from "./deps.js";

const TIMEOUT_MS = 60_000;

/** Requests an estimate from whichever planner answers first. Aborting the call stops the planner, too. */
export function estimateBatch({ stream, presets }: Pick<BatchDeps, "stream" | "presets">) {
  return async (
    { batch, base, rebuild }: EstimateBatchRequest,
    { scope, signal }: Call,
  ): Promise<EstimateBatchResponse> => {
    if (!batch) throw new PolyreelError("invalid", { field: "batch", reason: "The request has no batch." });
    stream.broker.assertThere();
    const owned = (given: Batch, field: string): Batch => {
      const tenant = tenantFor(scope, given.tenant, `${field}.tenant`);
      return dated({ ...normalizeBatch(given, presets), tenant }, new Date());
    };
    const request = create(EstimateBatchRequestSchema, {
      batch: owned(batch, "batch"),
      ...(base && { base: owned(base, "base") }),
      rebuild,
    });
    await turn(); // A large batch takes about 100 ms per step.
    return sendRequest(stream, estimateRequest, request, { timeoutMs: TIMEOUT_MS, signal, field: "batch" });
  };
}
