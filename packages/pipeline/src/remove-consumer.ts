import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiError } from "@nats-io/jetstream";
import { STREAM } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";

const RETRY_MS = 1000;
/** The server's word that there is none of that name. */
const CONSUMER_NOT_FOUND = 10014;

/**
 * Deletes a durable consumer that nobody needs any more. A server that goes away, or has just come back, may not answer:
 * then it is asked again, until the signal aborts, for nobody else would ask.
 */
export async function removeConsumer(
  { manager, broker }: Pick<EventStream, "manager" | "broker">,
  durable: string,
  signal: AbortSignal,
): Promise<void> {
  for (let gone = false; ; ) {
    await broker.attempt(async () => {
      gone = await manager.consumers.delete(STREAM, durable).catch(isMissing);
    });
    if (gone || signal.aborted) return;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Another process was first. */
const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.apiError().err_code === CONSUMER_NOT_FOUND;
