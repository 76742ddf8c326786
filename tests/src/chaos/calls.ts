import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Batch, BatchState } from "@polyreel/contract";
import { durationOf } from "../testing/duration.js";
import type { ChaosSystem } from "./system.js";

/** Time for batches to end after the last kill; on an idle machine they take a few seconds. */
export const END_MS = 120_000;
const CALL = { timeoutMs: 10_000 };

/** Repeats a call, like clients do, until it is answered; `isOver` decides which refusals count as an answer. */
async function untilAnswered<T>(call: () => Promise<T>, isOver: (code: Code) => boolean): Promise<T | undefined> {
  for (const until = Date.now() + END_MS; ; await delay(50)) {
    try {
      return await call();
    } catch (error) {
      const { code } = ConnectError.from(error);
      if (isOver(code)) return undefined;
      if (Date.now() > until || code === Code.InvalidArgument) throw error;
    }
  }
}

/** Submits under the same request id until it is answered; returns the batch's id. */
export async function submitUntilAccepted({ pipeline }: ChaosSystem, batch: Batch, requestId: string): Promise<string> {
  const submit = () => pipeline.batches.submitBatch({ batch, requestId }, CALL);
  return (await untilAnswered(submit, () => false))?.batch?.batchId ?? "";
}

export async function cancel({ pipeline }: ChaosSystem, batchId: string): Promise<void> {
  await untilAnswered(
    () => pipeline.batches.cancelBatch({ batchId }, CALL),
    () => false,
  );
}

/** Retries failed combinations once. */
export async function retry({ pipeline }: ChaosSystem, batchId: string): Promise<void> {
  const request = { batchId, requestId: "retried by chaos" };
  await untilAnswered(
    () => pipeline.batches.retryBatch(request, CALL),
    () => false,
  );
}

/** Deletes a batch; one that no longer exists was deleted by a call whose answer was lost. */
export async function remove({ pipeline }: ChaosSystem, batchId: string): Promise<void> {
  const isGone = (code: Code) => code === Code.NotFound;
  await untilAnswered(() => pipeline.batches.deleteBatch({ batchId }, CALL), isGone);
}

/** Deletes everything that has ended; repeats if batches were kept because of an outage. */
export async function cleanUp({ pipeline }: ChaosSystem): Promise<void> {
  for (const until = Date.now() + END_MS; ; await delay(50)) {
    const report = await untilAnswered(
      () =>
        pipeline.admin.cleanUp(
          { olderThan: durationOf(0), whose: { case: "allTenants", value: true } },
          { timeoutMs: 60_000 },
        ),
      () => false,
    );
    const kept = report?.batches.filter(({ failure }) => failure) ?? [];
    if (kept.length === 0) return;
    if (Date.now() > until) throw new Error(`${kept[0]?.batchId} was not cleaned up: ${kept[0]?.failure?.reason}`);
  }
}

/** Ids of the batches that did not end in time. */
export async function waitForEnds({ pipeline }: ChaosSystem, ids: readonly string[]): Promise<string[]> {
  const open = new Set(ids);
  for (const until = Date.now() + END_MS; open.size > 0 && Date.now() < until; await delay(50)) {
    for (const batchId of open) {
      const answer = await pipeline.batches.getBatch({ batchId }, { timeoutMs: 5_000 }).catch(() => undefined);
      const state = answer?.batch?.state;
      if (state === BatchState.FINISHED || state === BatchState.CANCELLED) open.delete(batchId);
    }
  }
  return [...open];
}
