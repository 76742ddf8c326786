import { create } from "@bufbuild/protobuf";
import {
  BatchState,
  type ChoiceCounts,
  ChoiceCountsSchema,
  type GetChoiceCountsRequest,
  type GetChoiceCountsResponse,
  GetChoiceCountsResponseSchema,
} from "@polyreel/contract";
import { ALL_TENANTS, type Call } from "../call/call.js";
import { KeptByBatch } from "../read-model/kept-by-batch.js";
import type { ChoiceCount } from "../read-model/read-model.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/** Counts a batch's combinations by choice and state; once until the batch changes. */
export function getChoiceCounts({ model }: Pick<BatchDeps, "model">) {
  const kept = new KeptByBatch(model.changes, async (batchId) =>
    blockByBlock(await model.choiceCounts(batchId, ALL_TENANTS)),
  );
  return async (
    { batchId }: GetChoiceCountsRequest,
    { scope }: Pick<Call, "scope">,
  ): Promise<GetChoiceCountsResponse> => {
    const { status } = await knownBatch(model, batchId, scope);
    const isCancelled = status.state === BatchState.CANCELLED;
    const counts = await kept.of(batchId);
    return create(GetChoiceCountsResponseSchema, { choices: counts.map((one) => shown(one, isCancelled)) });
  };
}

function blockByBlock(counts: readonly ChoiceCount[]): ChoiceCount[] {
  const blocks = [...new Set(counts.map(({ block }) => block))];
  return blocks.flatMap((name) => counts.filter(({ block, inStep }) => block === name && sum(inStep) > 0));
}

function shown({ block, choice, inStep }: ChoiceCount, isCancelled: boolean): ChoiceCounts {
  const { planned, rendered, awaiting, delivered, failed, rejected } = inStep;
  const open = isCancelled ? { planned: 0, rendered: 0, awaiting: 0 } : { planned, rendered, awaiting };
  return create(ChoiceCountsSchema, {
    block,
    choice,
    total: BigInt(sum(inStep)),
    planned: BigInt(open.planned),
    rendered: BigInt(open.rendered),
    awaitingApproval: BigInt(open.awaiting),
    delivered: BigInt(delivered),
    failed: BigInt(failed),
    rejected: BigInt(rejected),
    cancelled: isCancelled ? BigInt(planned + rendered + awaiting) : 0n,
  });
}

const sum = (inStep: ChoiceCount["inStep"]): number => Object.values(inStep).reduce((all, count) => all + count, 0);
