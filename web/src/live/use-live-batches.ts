import { create } from "@bufbuild/protobuf";
import { type BatchStatus, GetBatchResponseSchema, type ListBatchesResponse } from "@polyreel/contract";
import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/preact-query";
import { useEffect, useState } from "preact/hooks";
import { batches } from "../api/clients.js";

const RETRY_MS = 2000;

/**
 * Keeps what the page shows of batches up to date by one stream, as browsers open few connections to a host. Returns whether
 * it is connected. After a break everything is read again: nothing that happened meanwhile is missed.
 */
export function useLiveBatches(): boolean {
  const queries = useQueryClient();
  const [isConnected, setConnected] = useState(true);
  useEffect(() => {
    const left = new AbortController();
    void follow(queries, left.signal, setConnected);
    return () => left.abort();
  }, [queries]);
  return isConnected;
}

async function follow(queries: QueryClient, signal: AbortSignal, connected: (is: boolean) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      let isFirst = true;
      for await (const { batches: changed, gone } of batches.watchBatches({}, { signal })) {
        if (isFirst) {
          connected(true);
          void queries.invalidateQueries();
        } else apply(queries, changed, gone);
        isFirst = false;
      }
    } catch {
      // Below.
    }
    if (signal.aborted) return;
    connected(false);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function apply(queries: QueryClient, changed: readonly BatchStatus[], gone: readonly string[]): void {
  const byId = new Map(changed.map((batch) => [batch.batchId, batch]));
  for (const [batchId, batch] of byId) {
    queries.setQueryData(["batch", batchId], create(GetBatchResponseSchema, { batch }));
    // A read that is under way is not begun anew: a batch changes all the time.
    void queries.invalidateQueries({ queryKey: ["blocks", batchId] }, { cancelRefetch: false });
    void queries.invalidateQueries({ queryKey: ["videos", batchId] }, { cancelRefetch: false });
  }
  const listed = new Set<string>();
  queries.setQueriesData<InfiniteData<ListBatchesResponse>>({ queryKey: ["batches"] }, (list) => {
    if (!list) return list;
    const pages = list.pages.map((page) => ({
      ...page,
      batches: page.batches.map((batch) => {
        listed.add(batch.batchId);
        return byId.get(batch.batchId) ?? batch;
      }),
    }));
    return { ...list, pages };
  });
  const isNew = changed.some(({ batchId }) => !listed.has(batchId));
  if (isNew || changed.length === 0 || gone.length > 0) void queries.invalidateQueries({ queryKey: ["batches"] });
  for (const batchId of gone) void queries.invalidateQueries({ queryKey: ["batch", batchId] });
}
