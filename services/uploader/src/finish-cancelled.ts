import { setTimeout as sleep } from "node:timers/promises";
import type { Work } from "@polyreel/pipeline";
import { toPolyreelError } from "@polyreel/platform";

const RETRY_MS = 1_000;

/**
 * Delivers; if an outage interrupts that and the batch was cancelled meanwhile, retries for at most `outageWaitMs`:
 * messages of an ended batch are not redelivered, and a file without a fact would stay forever. After `signal` has
 * aborted, `deliver` writes no file, but publishes an existing one. Throws the first error if none exists.
 */
export async function finishCancelled(
  deliver: () => Promise<void>,
  { signal, shutdown }: Pick<Work, "signal" | "shutdown">,
  outageWaitMs: number,
): Promise<void> {
  try {
    return await deliver();
  } catch (error) {
    const until = Date.now() + outageWaitMs;
    for (let last: unknown = error; signal.aborted && toPolyreelError(last).retryable && Date.now() < until; ) {
      await sleep(RETRY_MS, undefined, { signal: shutdown });
      try {
        return await deliver();
      } catch (retryError) {
        last = retryError;
      }
    }
    throw error;
  }
}
