import { createHash } from "node:crypto";
import { clone, type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type {
  ApproveCombinationsRequestSchema,
  DeliverCombinationsRequestSchema,
  RejectCombinationsRequestSchema,
  ReplayBatchRequestSchema,
  RetryBatchRequestSchema,
} from "@polyreel/contract";
import type { ReworkRequest } from "./resume-batch.js";

type Asked =
  | typeof RetryBatchRequestSchema
  | typeof ReplayBatchRequestSchema
  | typeof DeliverCombinationsRequestSchema
  | typeof ApproveCombinationsRequestSchema
  | typeof RejectCombinationsRequestSchema;

/** What all calls that resume a batch have in common; the digest tells what is asked for, whatever the request id. */
export function aboutOf<S extends DescMessage & Asked>(
  schema: S,
  request: MessageShape<S>,
): Pick<ReworkRequest, "batchId" | "requestId" | "digest" | "which"> {
  const { batchId, requestId, which } = request;
  const asked = clone(schema, request);
  asked.requestId = "";
  const digest = createHash("sha256").update(schema.typeName).update(toBinary(schema, asked)).digest("hex");
  return { batchId, requestId, digest, which };
}
