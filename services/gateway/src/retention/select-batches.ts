import type { KeptBatch } from "../read-model/read-model.js";

const NEVER = Number.POSITIVE_INFINITY;

export interface Candidate extends KeptBatch {
  /** Size of its delivered videos. */
  readonly bytes: number;
}

/** Limits for batches that stay. */
export interface Limits {
  /** Batches that ended before are removed. */
  readonly endedBefore: Date;
  /** Limit for the delivered videos of all batches together; may be infinite. */
  readonly maxBytes: number;
}

export interface Selected {
  readonly batch: Candidate;
  readonly reason: "age" | "size";
}

/**
 * Selects the batches to remove, in a possible order: all that ended long enough ago, then those that ended first until the
 * rest is small enough. A continued batch is removed after those that continue it, and counts as having ended when they
 * have, because its plan is needed to resume them. An unfinished batch stays, and all that it continues. Batches without
 * bytes are not removed to free space, unless only then another one can be removed.
 */
export function selectBatches(batches: readonly Candidate[], { endedBefore, maxBytes }: Limits): Selected[] {
  const selected: Selected[] = [];
  let bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
  for (const { batch, releasedAt, chainBytes } of releasedFirst(batches)) {
    const old = releasedAt < endedBefore.getTime();
    if (!old && (bytes <= maxBytes || chainBytes === 0)) continue;
    selected.push({ batch, reason: old ? "age" : "size" });
    bytes -= batch.bytes;
  }
  return selected;
}

interface Released {
  readonly batch: Candidate;
  /** Time when it and all that continue it had ended, in milliseconds. */
  readonly releasedAt: number;
  /** Number of batches that it continues, directly or indirectly. */
  readonly depth: number;
  /** Bytes written by it and by those. */
  readonly chainBytes: number;
}

/** Finished batches: the oldest end first, and of a chain the last link. */
function releasedFirst(batches: readonly Candidate[]): Released[] {
  const byId = new Map(batches.map((batch) => [batch.batchId, batch]));
  const releasedAt = new Map(batches.map((batch) => [batch.batchId, batch.endedAt?.getTime() ?? NEVER]));
  const released = batches.map((batch) => {
    const earlier = earlierOf(batch, byId);
    const end = batch.endedAt?.getTime() ?? NEVER;
    for (const { batchId } of earlier) releasedAt.set(batchId, Math.max(end, releasedAt.get(batchId) ?? 0));
    const chainBytes = earlier.reduce((sum, one) => sum + one.bytes, batch.bytes);
    return { batch, depth: earlier.length, chainBytes };
  });
  return released
    .map((one) => ({ ...one, releasedAt: releasedAt.get(one.batch.batchId) ?? NEVER }))
    .filter((one) => one.releasedAt < NEVER)
    .sort((a, b) => a.releasedAt - b.releasedAt || b.depth - a.depth || (a.batch.batchId < b.batch.batchId ? -1 : 1));
}

/** The existing batches that one continues, the nearest first. */
function earlierOf(batch: Candidate, byId: ReadonlyMap<string, Candidate>): Candidate[] {
  const earlier: Candidate[] = [];
  for (let one = byId.get(batch.continues); one && one !== batch && !earlier.includes(one); ) {
    earlier.push(one);
    one = byId.get(one.continues);
  }
  return earlier;
}
