import { setImmediate as turn } from "node:timers/promises";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Batch,
  ESTIMATE_SUBJECT,
  type EstimateBatchRequest,
  EstimateBatchRequestSchema,
  type EstimateBatchResponse,
  EstimateReplySchema,
} from "@polyreel/contract";
import { errorCodeOf, PolyreelError } from "@polyreel/platform";
import { ask, refusedRightIn, rightRefused } from "@polyreel/platform/stream";
import { normalizeBatch } from "@polyreel/spec";
import { type Call, tenantFor } from "../call/call.js";
import type { BatchDeps } from "./deps.js";

const TIMEOUT_MS = 60_000;

/** Requests an estimate from whichever planner answers first. Aborting the call stops the planner, too. */
export function estimateBatch({ broker, stream }: BatchDeps) {
  return async ({ batch, base }: EstimateBatchRequest, { scope, signal }: Call): Promise<EstimateBatchResponse> => {
    if (!batch) throw new PolyreelError("invalid", { field: "batch", reason: "The request has no batch." });
    broker.assertThere();
    const owned = (given: Batch, field: string): Batch => {
      const tenant = tenantFor(scope, given.tenant, `${field}.tenant`);
      return { ...normalizeBatch(given), tenant };
    };
    const request = create(EstimateBatchRequestSchema, {
      batch: owned(batch, "batch"),
      ...(base && { base: owned(base, "base") }),
    });
    await turn(); // A large batch takes about 100 ms per step.
    const bytes = toBinary(EstimateBatchRequestSchema, request);
    assertFits(bytes.length, stream.connection.info?.max_payload);
    const answer = await ask(stream.connection, ESTIMATE_SUBJECT, bytes, { timeoutMs: TIMEOUT_MS, signal }).catch(
      (error: unknown) => {
        const right = refusedRightIn(error);
        if (right) throw rightRefused(right, error);
        throw signal.aborted ? error : noAnswer(error);
      },
    );
    const { result } = fromBinary(EstimateReplySchema, answer);
    if (result.case === "estimate") return result.value;
    if (result.case === "failure") throw new PolyreelError(errorCodeOf(result.value), result.value);
    throw new PolyreelError("internal", "A planner answered nothing.");
  };
}

const noAnswer = (cause: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    { reason: "No planner answers.", remedy: "Start the planner service, and call again." },
    { cause },
  );

/** A request that the broker refuses would look like a missing planner. */
function assertFits(sizeBytes: number, maxBytes = Number.POSITIVE_INFINITY): void {
  if (sizeBytes <= maxBytes) return;
  throw new PolyreelError("exhausted", {
    field: "batch",
    reason: `With all defaults filled in the request has ${sizeBytes} bytes; planners are asked with ${maxBytes} at most.`,
    remedy: "Estimate it in several batches, or raise max_payload of nats-server.",
  });
}
