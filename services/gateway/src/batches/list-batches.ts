import { create } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type ListBatchesRequest, type ListBatchesResponse, ListBatchesResponseSchema } from "@polyreel/contract";
import type { BatchPosition, KnownBatch, ReadModel } from "../read-model/read-model.js";
import { foreignToken } from "./page-token.js";

const DEFAULT_PAGE_SIZE = 100;

/**
 * A page of batches, by the time of their submission. A page's token is where the last batch of the page before stands, so
 * that pages neither repeat nor leave out a batch while others come, end, or are deleted.
 */
export async function listBatches(
  model: ReadModel,
  { tenant, states, oldestFirst, pageToken, ...request }: ListBatchesRequest,
): Promise<ListBatchesResponse> {
  const after = pageToken === "" ? undefined : readToken(pageToken);
  await model.reached(0);
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const found = await model.batches({ tenant, states, oldestFirst, after, limit: pageSize + 1 });
  const page = found.slice(0, pageSize);
  const last = found.length > pageSize ? page.at(-1) : undefined;
  return create(ListBatchesResponseSchema, {
    batches: page.map(({ status }) => status),
    ...(last && { nextPageToken: tokenOf(last) }),
  });
}

function tokenOf({ status }: KnownBatch): string {
  const milliseconds = status.submittedAt ? timestampDate(status.submittedAt).getTime() : 0;
  return `b${milliseconds}-${status.batchId}`;
}

function readToken(token: string): BatchPosition {
  const [, milliseconds, batchId] = /^b(\d{1,15})-(.+)$/.exec(token) ?? [];
  if (milliseconds === undefined || batchId === undefined) throw foreignToken();
  return { submittedAt: new Date(Number(milliseconds)), batchId };
}
