import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiError } from "@nats-io/jetstream";
import { STREAM } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";

const RETRY_MS = 1000;
/** The server's error code if the consumer does not exist. */
const CONSUMER_NOT_FOUND = 10014;

/**
 * Deletes a durable consumer that is no longer needed. A server that is stopping or has just started may not answer:
 * the deletion is retried until the signal aborts, because no other process would do it.
 */
export async function removeConsumer(
  { manager, broker }: Pick<EventStream, "manager" | "broker">,
  durable: string,
  signal: AbortSignal,
  stream = STREAM,
): Promise<void> {
  for (let gone = false; ; ) {
    await broker.attempt(async () => {
      gone = await manager.consumers.delete(stream, durable).catch(isMissing);
    });
    if (gone || signal.aborted) return;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Another process has deleted it already. */
const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.apiError().err_code === CONSUMER_NOT_FOUND;
