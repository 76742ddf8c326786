import type { CombinationStatus } from "@polyreel/contract";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/preact-query";
import { useEffect, useState } from "preact/hooks";
import { batches } from "../api/clients.js";
import { requestOf, type VideosFilter } from "./videos-filter.js";

/** Videos a call. */
const PAGE = 60;
/** Pages that are scrolled past are not asked for. */
const SETTLED_MS = 80;
/** Pages out of sight are forgotten soon: memory stays flat however far is scrolled. */
const KEPT_MS = 10_000;

interface VideosTotal {
  readonly total: number | undefined;
  readonly name: string;
  readonly error: unknown;
}

/** How many videos a filter has, kept up to date while the batch is live. */
export function useVideos(batchId: string, filter: VideosFilter): VideosTotal {
  const { data: batch } = useQuery({
    queryKey: ["batch", batchId],
    queryFn: ({ signal }) => batches.getBatch({ batchId }, { signal }),
  });
  const { data, error } = useQuery({ ...pageQuery(batchId, filter, 0), placeholderData: keepPreviousData });
  return { total: data?.total, name: batch?.batch?.name ?? "", error };
}

/** The videos of a range of a filter's list, by their index, once they are loaded. */
export function useVideoPages(
  batchId: string,
  filter: VideosFilter,
  { first, end }: { readonly first: number; readonly end: number },
): (index: number) => CombinationStatus | undefined {
  const wanted = useSettled(Math.floor(first / PAGE), Math.ceil(end / PAGE));
  const pages = Array.from({ length: wanted.end - wanted.first }, (_, i) => wanted.first + i);
  const results = useQueries({ queries: pages.map((page) => pageQuery(batchId, filter, page)) });
  return (index) => results[Math.floor(index / PAGE) - wanted.first]?.data?.videos[index % PAGE];
}

interface VideosPage {
  /** With the first page. */
  readonly total: number | undefined;
  readonly videos: readonly CombinationStatus[];
}

const pageQuery = (batchId: string, { from: _, ...filter }: VideosFilter, page: number) => ({
  queryKey: ["videos", batchId, filter, page],
  queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<VideosPage> => {
    const request = { batchId, ...requestOf(filter), pageSize: PAGE, skip: BigInt(page * PAGE), total: page === 0 };
    const { combinations, totalSize } = await batches.listCombinations(request, { signal });
    return { total: totalSize === undefined ? undefined : Number(totalSize), videos: combinations };
  },
  gcTime: KEPT_MS,
});

/** A range once it has rested for a moment; at once in the beginning. */
function useSettled(first: number, end: number): { readonly first: number; readonly end: number } {
  const [settled, setSettled] = useState({ first, end });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ first, end }), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [first, end]);
  return settled;
}
