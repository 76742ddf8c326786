import { create } from "@bufbuild/protobuf";
import {
  type CombinationStatus,
  type ListCombinationsRequest,
  type ListCombinationsResponse,
  ListCombinationsResponseSchema,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { BatchRecord } from "../read-model/batch-record.js";
import { combinationStatus, hasChoices, isInState } from "../read-model/status.js";

const DEFAULT_PAGE_SIZE = 100;

/**
 * A page of a batch's combinations, by ordinal. A page's token is the ordinal it begins at, so that pages neither repeat
 * nor leave out a combination while more of them become known or change their state.
 */
export function listCombinations(batch: BatchRecord, request: ListCombinationsRequest): ListCombinationsResponse {
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const { byOrdinal } = batch.combinations;
  const combinations: CombinationStatus[] = [];
  for (let ordinal = startOf(request.pageToken); ordinal < byOrdinal.length; ordinal++) {
    const record = byOrdinal[ordinal];
    if (!record || !isInState(record, request.state) || !hasChoices(record, request.choices)) continue;
    if (combinations.length === pageSize) {
      return create(ListCombinationsResponseSchema, { combinations, nextPageToken: `c${ordinal}` });
    }
    combinations.push(combinationStatus(record));
  }
  return create(ListCombinationsResponseSchema, { combinations });
}

function startOf(pageToken: string): number {
  if (pageToken === "") return 0;
  const [, ordinal] = /^c(\d{1,15})$/.exec(pageToken) ?? [];
  if (ordinal !== undefined) return Number(ordinal);
  throw new PolyreelError("invalid", {
    field: "page_token",
    reason: "That is no page token of this call.",
    remedy: "Give next_page_token of the page before, as it was.",
  });
}
