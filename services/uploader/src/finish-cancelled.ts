import { setTimeout as sleep } from "node:timers/promises";
import type { Work } from "@polyreel/pipeline";
import { toPolyreelError } from "@polyreel/platform";

const AGAIN_MS = 1_000;

/**
 * Delivers; where an outage interrupts that and the batch was cancelled meanwhile, delivers again until it is over, for at most
 * `outageWaitMs`: messages of a batch that has ended do not come again, and a file that no fact states would lie there for ever. `deliver`
 * writes no file once `signal` has aborted, and publishes one that is there. Throws the first error where none is.
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
      await sleep(AGAIN_MS, undefined, { signal: shutdown });
      try {
        return await deliver();
      } catch (again) {
        last = again;
      }
    }
    throw error;
  }
}
