import { boundDecodedSounds } from "@polyreel/parts";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import type { Leases } from "@polyreel/platform/stream";
import { type DeletionDeps, deleteBatch } from "../batches/delete-batch.js";
import { measureParts, type Removed } from "../batches/own-parts.js";
import type { Scope } from "../call/call.js";
import { removeUnusedSources } from "../sources/remove-unused.js";
import { expireUploads } from "../uploads/expire-uploads.js";
import type { Uploads } from "../uploads/uploads.js";
import { type Candidate, type Selected, selectBatches } from "./select-batches.js";

/** Retention of a gateway. */
export interface RetentionConfig {
  /** Batches that ended longer ago are removed; may be infinite. */
  readonly olderThanMs: number;
  /** Sources that no batch uses are removed this long after their last use; may be infinite. */
  readonly sourcesUnusedMs: number;
  /** Limit for all delivered videos together, in bytes; may be infinite. */
  readonly maxBytes: number;
  /** Limit for decoded sound of sources in the store, in bytes; may be infinite. */
  readonly decodedMaxBytes: number;
  /** Interval between clean-ups. */
  readonly everyMs: number;
}

export interface CleanUp extends Pick<RetentionConfig, "olderThanMs" | "maxBytes" | "sourcesUnusedMs"> {
  /** Whose batches. */
  readonly scope: Scope;
  /** Reports what would be removed, without removing it. */
  readonly dryRun: boolean;
}

/** A batch that was or would be removed; with `failure`, one that could not. */
export interface Cleaned extends Selected {
  /** Parts that no other remaining batch uses. */
  readonly parts: Removed;
  readonly failure?: PolyreelError["failure"];
}

export interface CleanUpReport {
  readonly batches: readonly Cleaned[];
  readonly decodedSounds: Removed;
  readonly sources: Removed;
  /** Unfinished uploads that have expired. */
  readonly uploads: Removed;
}

type Deps = DeletionDeps & { readonly leases: Leases; readonly log: Log; readonly uploads: Uploads };

const NOTHING = { decodedSounds: { count: 0, bytes: 0 }, uploads: { count: 0, bytes: 0 } };

/** Lease of the one gateway that cleans up. */
const LEASE = "clean-up";

/** Removes batches beyond the retention. Only one gateway of an event stream cleans up at a time. */
export class Cleaner {
  constructor(
    private readonly deps: Deps,
    readonly config: RetentionConfig,
  ) {}

  /** Undefined if another clean-up is running, which does not matter to a dry run. */
  async tryCleanUp(request: CleanUp, signal: AbortSignal): Promise<CleanUpReport | undefined> {
    this.deps.broker.assertThere();
    if (request.dryRun) return this.#cleanUp(request, signal, async () => {});
    let report: CleanUpReport | undefined;
    await this.deps.leases.tryHold(LEASE, async (lease) => {
      report = await this.#cleanUp(request, signal, () => lease.assertHeld());
    });
    return report;
  }

  /** `assertHeld`: throws if another clean-up has begun meanwhile. */
  async #cleanUp(request: CleanUp, signal: AbortSignal, assertHeld: () => Promise<void>): Promise<CleanUpReport> {
    const { store, model } = this.deps;
    await model.reached(0);
    const now = new Date();
    const batches: Cleaned[] = [];
    for (const selected of await this.#select(request, now)) {
      signal.throwIfAborted();
      await assertHeld();
      const gone = batches.flatMap(({ batch, failure }) => (failure ? [] : [batch.batchId]));
      const cleaned = await this.#remove(selected, gone, { ...request, signal });
      if (cleaned) batches.push(cleaned);
    }
    const { sourcesUnusedMs: unusedMs, scope, dryRun } = request;
    const sources = await removeUnusedSources(this.deps, { unusedMs, scope, now, dryRun, signal, assertHeld });
    // The limit is for all tenants together, so the clean-up of one tenant does not apply it.
    if (!("all" in request.scope)) return { ...NOTHING, batches, sources };
    await assertHeld();
    const { decodedMaxBytes } = this.config;
    const used = await model.soundsUsed();
    const options = { used, now, dryRun: request.dryRun, signal };
    const decodedSounds = await boundDecodedSounds(store, decodedMaxBytes, options);
    await assertHeld();
    return { batches, sources, decodedSounds, uploads: await expireUploads(this.deps, { now, dryRun, signal }) };
  }

  async #select({ olderThanMs, maxBytes, scope }: CleanUp, now: Date): Promise<Selected[]> {
    const { model } = this.deps;
    if (!Number.isFinite(olderThanMs) && !Number.isFinite(maxBytes)) return [];
    const endedBefore = new Date(Math.max(0, now.getTime() - olderThanMs));
    const kept = await model.keptBatches(scope);
    // By age alone, only the selected batches need to be measured.
    const counted = kept.filter(({ endedAt }) => Number.isFinite(maxBytes) || (endedAt && endedAt < endedBefore));
    const bytes = await model.deliveredBytes(counted.map(({ batchId }) => batchId));
    const candidates = kept.map((batch): Candidate => ({ ...batch, bytes: bytes.get(batch.batchId) ?? 0 }));
    return selectBatches(candidates, { endedBefore, maxBytes });
  }

  /** Undefined if it was removed by others. A failure does not stop the clean-up of the others. */
  async #remove(
    selected: Selected,
    gone: readonly string[],
    { scope, dryRun, signal }: CleanUp & { readonly signal: AbortSignal },
  ): Promise<Cleaned | undefined> {
    const { model, store, log } = this.deps;
    const { batchId, tenant } = selected.batch;
    try {
      const parts = dryRun
        ? await measureParts(model.partsOnlyOf(batchId, gone), scopedStore(store, tenant), signal)
        : await deleteBatch(this.deps, batchId, { scope, signal });
      return { ...selected, parts };
    } catch (error) {
      if (signal.aborted) throw error;
      const { code, failure } = toPolyreelError(error);
      if (code === "not_found") return undefined;
      log.warn({ err: error, batch: batchId }, "a batch could not be cleaned up");
      return { ...selected, parts: { count: 0, bytes: 0 }, failure };
    }
  }
}

export const cleanUpUnderWay = (): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: "Another clean-up is running.",
    remedy: "Try again in a moment; a dry run can be made at any time.",
  });
