import { create } from "@bufbuild/protobuf";
import { type ListBatchesRequest, type ListBatchesResponse, ListBatchesResponseSchema } from "@polyreel/contract";
import { type Call, narrowed, scopeKey } from "../call/call.js";
import { type BatchOrder, type BatchPosition, batchKeys, NEWEST_FIRST, positionOf } from "../read-model/batch-order.js";
import type { ReadModel } from "../read-model/read-model.js";
import { parseOrderBy, wrongOrder } from "./order-by.js";
import { foreignToken, type Place, pageToken, readPageToken } from "./page-token.js";

const DEFAULT_PAGE_SIZE = 100;

/** A page of batches. */
export async function listBatches(
  model: ReadModel,
  { tenant, states, text, ...request }: ListBatchesRequest,
  call: Pick<Call, "scope">,
): Promise<ListBatchesResponse> {
  const scope = narrowed(call.scope, tenant, "tenant");
  const order = orderOf(request);
  const query = [
    "batches",
    scopeKey(scope),
    [...states].sort(),
    order.key,
    order.direction,
    ...(text === "" ? [] : [text]),
  ];
  const place = readPageToken(request.pageToken, query);
  const after = place && positionAt(place, order);
  await model.reached(0);
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const found = await model.batches({ scope, states, text, order, after, limit: pageSize + 1 });
  const page = found.slice(0, pageSize).map(({ status }) => status);
  const last = found.length > pageSize ? page.at(-1) : undefined;
  return create(ListBatchesResponseSchema, {
    batches: page,
    ...(last && { nextPageToken: pageToken(query, placeOf(positionOf(last, order))) }),
  });
}

function orderOf({ orderBy, oldestFirst }: Pick<ListBatchesRequest, "orderBy" | "oldestFirst">): BatchOrder {
  const [first, second] = parseOrderBy(orderBy, batchKeys);
  if (!first) return oldestFirst ? { ...NEWEST_FIRST, direction: "asc" } : NEWEST_FIRST;
  if (oldestFirst) {
    throw wrongOrder("oldest_first and order_by both say how batches are sorted.", "Leave oldest_first out.");
  }
  if (second) throw wrongOrder("Batches are sorted by one field.", `Say "${first.field}" alone: equals follow by id.`);
  return { key: first.field, direction: first.direction };
}

const placeOf = ({ value, batchId }: BatchPosition): Place => [value ?? null, batchId];

function positionAt([value = null, batchId, ...more]: Place, { key }: BatchOrder): BatchPosition {
  const isValue = value === null ? key === "finished_at" : typeof value === (key === "name" ? "string" : "number");
  if (!isValue || typeof batchId !== "string" || more.length > 0) throw foreignToken();
  return { value: value ?? undefined, batchId };
}
