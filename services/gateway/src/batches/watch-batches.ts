import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  type BatchStatus,
  type WatchBatchesRequest,
  type WatchBatchesResponse,
  WatchBatchesResponseSchema,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { LRUCache } from "lru-cache";
import { ALL_TENANTS, type Call, narrowed, type Scope } from "../call/call.js";
import type { BatchDeps } from "./deps.js";

const INTERVAL_MS = 500;
const MAX_BATCHES = 1000;

type Deps = Pick<BatchDeps, "model" | "waiting" | "draining">;

/**
 * Streams the status of batches as they change. However many clients watch, a changed batch is looked up once, and the
 * event stream is not read for them: the read model tells which batches changed.
 */
export function watchBatches(deps: Deps) {
  const newest = newestStatus(deps);
  return async function* (request: WatchBatchesRequest, call: Call): AsyncGenerator<WatchBatchesResponse> {
    const scope = narrowed(call.scope, request.tenant, "tenant");
    const wanted = request.batchIds.length > 0 ? new Set(request.batchIds) : undefined;
    const intervalMs = request.interval ? durationMs(request.interval) : INTERVAL_MS;
    const changed = new Set(wanted);
    const shown = new Set(wanted);
    const news = new EventTarget();
    const forget = deps.model.changes.listen((batchIds) => {
      for (const id of batchIds) if (!wanted || wanted.has(id)) changed.add(id);
      if (changed.size > 0) news.dispatchEvent(new Event("change"));
    });
    const ended = AbortSignal.any([call.signal, deps.draining]);
    try {
      await deps.model.reached(0);
      for (let isFirst = true; ; isFirst = false) {
        const ids = [...changed].slice(0, MAX_BATCHES);
        for (const id of ids) changed.delete(id);
        const found = await Promise.all(ids.map(async (id) => [id, await newest(id, scope)] as const));
        const own = found.filter(([, status]) => status !== "foreign");
        // Without any batch and id if all of them are gone, and were not shown.
        if (isFirst || own.length > 0) yield updateOf(found, shown);
        await delay(intervalMs, undefined, { signal: ended });
        if (changed.size === 0) await once(news, "change", { signal: ended });
      }
    } catch (error) {
      if (deps.draining.aborted && !call.signal.aborted) throw gatewayEnds();
      throw error;
    } finally {
      forget();
    }
  };
}

/** Undefined: there is no such batch. "foreign": of a tenant whose batches the caller may not see, nor their changes. */
type Newest = BatchStatus | "foreign" | undefined;

/** `shown`: those that the client knows, which is brought up to date. Others that do not exist are none of its business. */
function updateOf(found: readonly (readonly [string, Newest])[], shown: Set<string>): WatchBatchesResponse {
  const gone = found.flatMap(([id, status]) => (typeof status !== "object" && shown.delete(id) ? [id] : []));
  const batches = found.flatMap(([, status]) => (typeof status === "object" ? status : []));
  for (const { batchId } of batches) shown.add(batchId);
  return create(WatchBatchesResponseSchema, { batches, gone });
}

/** The status of batches, as of their newest change, for all clients together. */
function newestStatus({ model, waiting }: Deps) {
  const known = new LRUCache<string, { readonly version: string; readonly status: Promise<BatchStatus | undefined> }>({
    max: MAX_BATCHES,
  });
  return async (batchId: string, scope: Scope): Promise<Newest> => {
    const version = model.changes.versionOf(batchId);
    let newest = known.get(batchId);
    if (newest?.version !== version) {
      newest = { version, status: model.batch(batchId, ALL_TENANTS).then((batch) => batch?.status) };
      known.set(batchId, newest);
      newest.status.catch(() => known.delete(batchId));
    }
    const status = await newest.status;
    if (!status) return undefined;
    return "all" in scope || scope.tenant === status.tenant ? waiting.shown(status) : "foreign";
  };
}

const gatewayEnds = (): PolyreelError =>
  new PolyreelError("unavailable", { reason: "The gateway is ending.", remedy: "Call again." });
