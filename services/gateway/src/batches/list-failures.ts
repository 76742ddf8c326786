import { create } from "@bufbuild/protobuf";
import {
  isWorthRetrying,
  type ListFailuresRequest,
  type ListFailuresResponse,
  ListFailuresResponseSchema,
} from "@polyreel/contract";
import { ALL_TENANTS, type Call } from "../call/call.js";
import { KeptByBatch } from "../read-model/kept-by-batch.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/** Groups a batch's failures by cause; once until the batch changes. */
export function listFailures({ model }: Pick<BatchDeps, "model">) {
  const kept = new KeptByBatch(model.changes, (batchId) => model.failureGroups(batchId, ALL_TENANTS));
  return async ({ batchId }: ListFailuresRequest, { scope }: Pick<Call, "scope">): Promise<ListFailuresResponse> => {
    await knownBatch(model, batchId, scope);
    const { groups, omitted } = await kept.of(batchId);
    return create(ListFailuresResponseSchema, {
      groups: groups.map(({ combinations, ordinal, ...group }) => ({
        ...group,
        combinations: BigInt(combinations),
        ordinal: BigInt(ordinal),
        worthRetrying: isWorthRetrying(group.cause.code),
      })),
      omitted: BigInt(omitted),
    });
  };
}
