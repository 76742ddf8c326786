import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BatchState, joinOf, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { decodedFrameCount } from "@polyreel/media/testing";
import { expect } from "vitest";
import { type Ended, labels, manifestOf, watch } from "../testing/batches.js";
import type { Pipeline } from "../testing/pipeline.js";

/** Number of decoded outputs per batch: each takes a process. */
const DECODED = 16;

/** How often each part was made, by hash: reported as ready, and not as reused. */
export function timesMade(updates: readonly WatchBatchResponse[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { update } of updates) {
    if (update.case !== "part" || update.value.event.case !== "ready") continue;
    const { hash, reused } = update.value.event.value;
    times.set(hash, (times.get(hash) ?? 0) + (reused ? 0 : 1));
  }
  return times;
}

/**
 * Checks that a batch completed despite everything: every combination is a distinct file in the folder, decodes, and is
 * in the manifest; none failed; no part was made twice. `withinSeconds`: for reading its facts.
 */
export async function expectWhole(
  pipeline: Pipeline,
  { batchId, status, combinations }: Ended,
  { withinSeconds = 20 } = {},
): Promise<void> {
  expect(status.state).toBe(BatchState.FINISHED);
  expect(status.combinations).toMatchObject({ delivered: BigInt(combinations.length), failed: 0n });
  const paths = combinations.map(({ path }) => path);
  const folder = await readdir(join(pipeline.out, batchId));
  expect(folder.filter((name) => name.endsWith(".mp4")).sort()).toEqual(
    paths.map((path) => path.slice(batchId.length + 1)).sort(),
  );
  expect(new Set(paths).size).toBe(combinations.length);
  for (const [i, one] of combinations.entries()) {
    const path = join(pipeline.out, one.path);
    expect((await stat(path)).size, labels(one)).toBe(Number(one.certificate?.sizeBytes));
    if (i % Math.ceil(combinations.length / DECODED) !== 0) continue;
    expect(await decodedFrameCount(path), labels(one)).toBe(Number(joinOf(one.certificate)?.frames));
  }
  const rows = await manifestOf(pipeline, batchId);
  expect(rows.map(({ id, status }) => [id, status])).toEqual(combinations.map(({ id }) => [id, "delivered"]));
  const all = await watch(pipeline, batchId, { withinSeconds });
  for (const [hash, times] of timesMade(all)) expect(times, hash).toBeLessThanOrEqual(1);
}

/** Becomes true once this many clips are ready: however fast they are made, the batch's further ones are not yet. */
export function clipsReady(clips: number): (update: WatchBatchResponse) => boolean {
  let ready = 0;
  return ({ update }) => {
    if (update.case === "part" && update.value.stage === Stage.CLIP && update.value.event.case === "ready") ready++;
    return ready >= clips;
  };
}

/**
 * Becomes true while a clip is being encoded, after this many others are ready. For clips that take seconds: progress
 * is sampled, so short ones may be ready before any is told.
 */
export function encodingAfter(clips: number): (update: WatchBatchResponse) => boolean {
  const enough = clipsReady(clips);
  return (one) => {
    const { update } = one;
    const ready = enough(one);
    if (update.case !== "progress" || update.value.stage !== Stage.CLIP) return false;
    return ready && update.value.fraction > 0 && update.value.fraction < 0.9;
  };
}
