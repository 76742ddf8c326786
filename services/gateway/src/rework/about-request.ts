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

type ResumingRequest =
  | typeof RetryBatchRequestSchema
  | typeof ReplayBatchRequestSchema
  | typeof DeliverCombinationsRequestSchema
  | typeof ApproveCombinationsRequestSchema
  | typeof RejectCombinationsRequestSchema;

/** The common properties of all calls that resume a batch; the digest identifies the request's content without its id. */
export function aboutOf<S extends DescMessage & ResumingRequest>(
  schema: S,
  request: MessageShape<S>,
): Pick<ReworkRequest, "batchId" | "requestId" | "digest" | "which"> {
  const { batchId, requestId, which } = request;
  const content = clone(schema, request);
  content.requestId = "";
  const digest = createHash("sha256").update(schema.typeName).update(toBinary(schema, content)).digest("hex");
  return { batchId, requestId, digest, which };
}
