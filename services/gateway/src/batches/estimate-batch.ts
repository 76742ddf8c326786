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
    const answer = await stream.connection
      .request(ESTIMATE_SUBJECT, toBinary(EstimateBatchRequestSchema, request), { timeout: TIMEOUT_MS })
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
