import { boundDecodedSounds } from "@polyreel/parts";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import type { Leases } from "@polyreel/platform/stream";
import { type DeletionDeps, deleteBatch } from "../batches/delete-batch.js";
import { measureParts, type Removed } from "../batches/own-parts.js";
import type { Scope } from "../call/call.js";
import { type Candidate, type Selected, selectBatches } from "./select-batches.js";

/** What a gateway keeps. */
export interface RetentionConfig {
  /** Batches that ended longer ago go; may be infinite. */
  readonly olderThanMs: number;
  /** What delivered videos may take together, in bytes; may be infinite. */
  readonly maxBytes: number;
  /** What decoded sound of sources may take in the store, in bytes; may be infinite. */
  readonly decodedMaxBytes: number;
  /** Between two clean-ups. */
  readonly everyMs: number;
}

export interface CleanUp extends Pick<RetentionConfig, "olderThanMs" | "maxBytes"> {
  /** Whose batches. */
  readonly scope: Scope;
  /** Only tells what would go. */
  readonly dryRun: boolean;
}

/** A batch that went, or would go; with `failure`, one that could not. */
export interface Cleaned extends Selected {
  /** That no other batch uses, but for those that went before. */
  readonly parts: Removed;
  readonly failure?: PolyreelError["failure"];
}

export interface CleanUpReport {
  readonly batches: readonly Cleaned[];
  readonly decodedSounds: Removed;
}

type Deps = DeletionDeps & { readonly leases: Leases; readonly log: Log };

/** Held by who cleans up, of all gateways. */
const LEASE = "clean-up";

/** Removes what need not be kept any more: one at a time, of all gateways over one event stream. */
export class Cleaner {
  constructor(
    private readonly deps: Deps,
    readonly config: RetentionConfig,
  ) {}

  /** Undefined where another clean-up is under way; one that only tells what would go minds none. */
  async tryCleanUp(asked: CleanUp, signal: AbortSignal): Promise<CleanUpReport | undefined> {
    this.deps.broker.assertThere();
    if (asked.dryRun) return this.#cleanUp(asked, signal, async () => {});
    let report: CleanUpReport | undefined;
    await this.deps.leases.tryHold(LEASE, async (lease) => {
      report = await this.#cleanUp(asked, signal, () => lease.assertHeld());
    });
    return report;
  }

  /** `assertHeld`: throws where another one has begun meanwhile. */
  async #cleanUp(asked: CleanUp, signal: AbortSignal, assertHeld: () => Promise<void>): Promise<CleanUpReport> {
    const { store, model } = this.deps;
    await model.reached(0);
    const now = new Date();
    const batches: Cleaned[] = [];
    for (const selected of await this.#select(asked, now)) {
      signal.throwIfAborted();
      await assertHeld();
      const gone = batches.flatMap(({ batch, failure }) => (failure ? [] : [batch.batchId]));
      const cleaned = await this.#remove(selected, gone, { ...asked, signal });
      if (cleaned) batches.push(cleaned);
    }
    // Kept within one bound for all tenants together: what one tenant is cleaned up for says nothing about it.
    if (!("all" in asked.scope)) return { batches, decodedSounds: { count: 0, bytes: 0 } };
    await assertHeld();
    const { decodedMaxBytes } = this.config;
    const used = await model.soundsUsed();
    const options = { used, now, dryRun: asked.dryRun, signal };
    return { batches, decodedSounds: await boundDecodedSounds(store, decodedMaxBytes, options) };
  }

  async #select({ olderThanMs, maxBytes, scope }: CleanUp, now: Date): Promise<Selected[]> {
    const { model } = this.deps;
    if (!Number.isFinite(olderThanMs) && !Number.isFinite(maxBytes)) return [];
    const endedBefore = new Date(Math.max(0, now.getTime() - olderThanMs));
    const kept = await model.keptBatches(scope);
    // By age alone, only those that go need to be measured.
    const counted = kept.filter(({ endedAt }) => Number.isFinite(maxBytes) || (endedAt && endedAt < endedBefore));
    const bytes = await model.deliveredBytes(counted.map(({ batchId }) => batchId));
    const candidates = kept.map((batch): Candidate => ({ ...batch, bytes: bytes.get(batch.batchId) ?? 0 }));
    return selectBatches(candidates, { endedBefore, maxBytes });
  }

  /** Undefined where somebody else has removed it. One that can't be removed does not keep the others. */
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
    reason: "Another clean-up is under way.",
    remedy: "Try again in a moment; a dry run can be made at any time.",
  });
