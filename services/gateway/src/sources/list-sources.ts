import { create } from "@bufbuild/protobuf";
import {
  type ListSourcesRequest,
  type ListSourcesResponse,
  ListSourcesResponseSchema,
  type StoredSource,
} from "@polyreel/contract";
import type { Store } from "@polyreel/platform/blobs";
import pLimit from "p-limit";
import { parseOrderBy, wrongOrder } from "../batches/order-by.js";
import { foreignToken, pageToken, readPageToken } from "../batches/page-token.js";
import { sourceObjects } from "./found-sources.js";
import { readRecord } from "./source-record.js";
import { type FoundSource, storedSource } from "./stored-source.js";

const DEFAULT_PAGE_SIZE = 100;
/** Records that one call reads to find sources with the requested labels. */
const MAX_RECORDS_READ = 2000;
const READ_AT_ONCE = 16;

const FIELDS = ["stored_at", "size_bytes", "sha256"] as const;
type Field = (typeof FIELDS)[number];

const keys: Readonly<Record<Field, (source: FoundSource) => number>> = {
  stored_at: ({ storedAt }) => storedAt.getTime(),
  size_bytes: ({ sizeBytes }) => sizeBytes,
  sha256: () => 0,
};

/**
 * A page of a tenant's sources. They are sorted by what a listing of the store's names gives, and records are read for
 * the page alone, or, with labels, until it is full.
 */
export async function listSources(
  { store, tenant }: { readonly store: Store; readonly tenant: string },
  { labels, orderBy, ...request }: Pick<ListSourcesRequest, "labels" | "orderBy" | "pageSize" | "pageToken">,
  signal: AbortSignal,
): Promise<ListSourcesResponse> {
  const order = orderOf(orderBy);
  const query = ["sources", tenant, [...labels].sort(), order];
  const place = readPageToken(request.pageToken, query);
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const sorted = await sortedSources(store, order, signal);
  let next = place ? firstAfter(sorted, place, order) : 0;

  const page: StoredSource[] = [];
  const atOnce = pLimit(READ_AT_ONCE);
  const last = Math.min(sorted.length, next + Math.max(MAX_RECORDS_READ, pageSize));
  while (page.length < pageSize && next < last) {
    const some = sorted.slice(next, Math.min(last, next + pageSize - page.length));
    const records = await Promise.all(some.map(({ sha256 }) => atOnce(() => readRecord(store, sha256, signal))));
    signal.throwIfAborted();
    for (const [index, found] of some.entries()) {
      const source = storedSource(tenant, found, records[index]);
      if (labels.every((label) => source.labels.includes(label))) page.push(source);
    }
    next += some.length;
  }
  const end = sorted[next - 1];
  const hasMore = next < sorted.length && end !== undefined;
  return create(ListSourcesResponseSchema, {
    sources: page,
    ...(hasMore && { nextPageToken: pageToken(query, [keys[order.field](end), end.sha256]) }),
  });
}

interface Order {
  readonly field: Field;
  readonly direction: "asc" | "desc";
}

function orderOf(orderBy: string): Order {
  const [first, second] = parseOrderBy(orderBy, FIELDS);
  if (second) throw wrongOrder("Sources are sorted by one field.", `Write "${first?.field}" alone.`);
  return first ?? { field: "stored_at", direction: "desc" };
}

async function sortedSources(store: Store, order: Order, signal: AbortSignal): Promise<FoundSource[]> {
  const found: FoundSource[] = [];
  for await (const { source } of sourceObjects(store, signal)) if (source) found.push(source);
  return found.sort((a, b) => compare(placeOf(a, order), placeOf(b, order), order));
}

type Placed = readonly [value: number, sha256: string];

const placeOf = (source: FoundSource, { field }: Order): Placed => [keys[field](source), source.sha256];

function compare(a: Placed, b: Placed, { direction }: Order): number {
  const ascending = a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
  return direction === "asc" ? ascending : -ascending;
}

function firstAfter(sorted: readonly FoundSource[], place: readonly unknown[], order: Order): number {
  const [value, sha256, ...more] = place;
  if (typeof value !== "number" || typeof sha256 !== "string" || more.length > 0) throw foreignToken();
  const index = sorted.findIndex((source) => compare(placeOf(source, order), [value, sha256], order) > 0);
  return index === -1 ? sorted.length : index;
}
