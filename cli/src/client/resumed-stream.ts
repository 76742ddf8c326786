import { setTimeout as sleep } from "node:timers/promises";
import { delayAfter } from "@polyreel/platform/flow";
import { call, isUnreachable } from "./call.js";
import type { Connection } from "./connection.js";

const BACK_OFF = { firstMs: 250, longestMs: 5000 };
/** With back-off, these cover about a minute without a server. */
const MAX_ATTEMPTS = 15;

/**
 * Messages of a streaming call by their positions, 0 for those without one. If the server restarts, the call is opened
 * again after the last position; throws ProblemsError if that is refused, or nobody answers for a minute.
 */
export async function* resumedStream<T extends { readonly sequence: bigint }>(
  connection: Connection,
  open: (afterSequence: bigint) => AsyncIterable<T>,
  signal: AbortSignal,
  afterSequence = 0n,
): AsyncGenerator<T> {
  let seen = afterSequence;
  for (let attempts = 0; ; attempts++) {
    try {
      for await (const message of open(seen)) {
        if (message.sequence > 0n) seen = message.sequence;
        yield message;
        attempts = 0;
      }
      return;
    } catch (error) {
      if (!isUnreachable(error) || attempts >= MAX_ATTEMPTS) await call(connection, Promise.reject(error));
      await sleep(delayAfter(attempts + 1, BACK_OFF), undefined, { signal });
    }
  }
}
