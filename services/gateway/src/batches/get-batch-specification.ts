import { create } from "@bufbuild/protobuf";
import { type GetBatchSpecificationResponse, GetBatchSpecificationResponseSchema } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { scopedStore } from "@polyreel/platform/blobs";
import { redactAddresses } from "@polyreel/spec";
import type { Call } from "../call/call.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/** What a batch was asked for, for everyone who may read its status: without the keys in its addresses. */
export async function getBatchSpecification(
  { model, store }: Pick<BatchDeps, "model" | "store">,
  batchId: string,
  { scope }: Pick<Call, "scope">,
): Promise<GetBatchSpecificationResponse> {
  const { status, specSha256 } = await knownBatch(model, batchId, scope);
  const specification = await readSpecification(scopedStore(store, status.tenant), { batchId, specSha256 });
  return create(GetBatchSpecificationResponseSchema, redactAddresses(specification));
}
