import { create } from "@bufbuild/protobuf";
import {
  type ListCombinationsRequest,
  type ListCombinationsResponse,
  ListCombinationsResponseSchema,
} from "@polyreel/contract";
import type { ReadModel } from "../read-model/read-model.js";
import { knownBatch } from "./known-batch.js";
import { foreignToken } from "./page-token.js";

const DEFAULT_PAGE_SIZE = 100;

/**
 * A page of a batch's combinations, by ordinal. A page's token is the ordinal it begins at, so that pages neither repeat
 * nor leave out a combination while more of them become known or change their state.
 */
export async function listCombinations(
  model: ReadModel,
  { batchId, state, choices, pageToken, ...request }: ListCombinationsRequest,
): Promise<ListCombinationsResponse> {
  await knownBatch(model, batchId);
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const found = await model.combinations(batchId, { state, choices, from: startOf(pageToken), limit: pageSize + 1 });
  const next = found[pageSize];
  return create(ListCombinationsResponseSchema, {
    combinations: found.slice(0, pageSize).map(({ status }) => status),
    ...(next && { nextPageToken: `c${next.status.ordinal}` }),
  });
}

function startOf(pageToken: string): number {
  if (pageToken === "") return 0;
  const [, ordinal] = /^c(\d{1,15})$/.exec(pageToken) ?? [];
  if (ordinal !== undefined) return Number(ordinal);
  throw foreignToken();
}
