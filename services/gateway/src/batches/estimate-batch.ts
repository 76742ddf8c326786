import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ESTIMATE_SUBJECT,
  type EstimateBatchRequest,
  EstimateBatchRequestSchema,
  type EstimateBatchResponse,
  EstimateReplySchema,
  normalizeBatch,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { BatchDeps } from "./deps.js";

const TIMEOUT_MS = 60_000;

/** Asks whichever planner answers first what a batch would take. */
export function estimateBatch({ broker, stream }: BatchDeps) {
  return async ({ batch, base }: EstimateBatchRequest): Promise<EstimateBatchResponse> => {
    if (!batch) throw new PolyreelError("invalid", { field: "batch", reason: "The request has no batch." });
    broker.assertThere();
    const request = create(EstimateBatchRequestSchema, {
      batch: normalizeBatch(batch),
      ...(base && { base: normalizeBatch(base) }),
    });
    const bytes = toBinary(EstimateBatchRequestSchema, request);
    assertFits(bytes.length, stream.connection.info?.max_payload);
    const answer = await stream.connection
      .request(ESTIMATE_SUBJECT, bytes, { timeout: TIMEOUT_MS })
      .catch((error: unknown) => {
        throw new PolyreelError(
          "unavailable",
          { reason: "No planner answers.", remedy: "Start the planner service, and call again." },
          { cause: error },
        );
      });
    const { result } = fromBinary(EstimateReplySchema, answer.data);
    if (result.case === "estimate") return result.value;
    throw new PolyreelError("invalid", result.value ?? { reason: "The batch can't be estimated." });
  };
}

/** A request that the broker refuses would look like a planner that does not answer. */
function assertFits(sizeBytes: number, maxBytes = Number.POSITIVE_INFINITY): void {
  if (sizeBytes <= maxBytes) return;
  throw new PolyreelError("exhausted", {
    field: "batch",
    reason: `With every default said the request has ${sizeBytes} bytes; planners are asked with ${maxBytes} at most.`,
    remedy: "Estimate it in several batches, or raise max_payload of nats-server.",
  });
}
