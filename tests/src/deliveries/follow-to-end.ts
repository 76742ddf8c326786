import { setTimeout as delay } from "node:timers/promises";
import { BatchState } from "@polyreel/contract";
import type { ChaosSystem } from "../chaos/system.js";

/** Without a fact for this long, the batch is stuck. */
const STUCK_MS = 600_000;
const REPORT_MS = 10_000;
const POLL_MS = 100;

interface Following {
  /** Deliveries. */
  readonly expected: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Waits until a batch is finished, printing progress; returns false if it is stuck. */
export async function followToEnd(
  system: ChaosSystem,
  batchId: string,
  { expected, signal, print }: Following,
): Promise<boolean> {
  const began = Date.now();
  let [factCount, since, reported] = [system.factCount, began, began];
  for (;;) {
    signal.throwIfAborted();
    const answer = await system.pipeline.batches.getBatch({ batchId }, { timeoutMs: 5_000 }).catch(() => undefined);
    if (answer?.batch?.state === BatchState.FINISHED) return true;
    if (system.factCount > factCount) [factCount, since] = [system.factCount, Date.now()];
    if (Date.now() - since > STUCK_MS) return false;
    if (Date.now() - reported > REPORT_MS && answer) {
      reported = Date.now();
      const { delivered = 0n } = answer.batch?.deliveries ?? {};
      print(`${delivered} of ${expected} delivered after ${Math.round((reported - began) / 1000)} s`);
    }
    await delay(POLL_MS);
  }
}
