import { setTimeout as delay } from "node:timers/promises";
import { consumerNames } from "@polyreel/pipeline";
import type { EventStream } from "@polyreel/platform/stream";

const POLL_MS = 50;
/** Consumers of services that are not running are deleted when those start again. */
const TIMEOUT_MS = 5_000;

/**
 * Resolves when the services have released a cancelled batch: each deletes its consumer once its work has stopped, and
 * deliveries until then are published. Waits for a few seconds at most.
 */
export async function awaitRelease(stream: EventStream, batchId: string, signal: AbortSignal): Promise<void> {
  for (const until = Date.now() + TIMEOUT_MS; Date.now() < until; ) {
    if (!(await hasConsumers(stream, batchId))) return;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** They are named `<stage>-<batch id>`, followed by `-<position>` for a resumed run. */
async function hasConsumers(stream: EventStream, batchId: string): Promise<boolean> {
  for await (const name of consumerNames(stream)) {
    if (`${name}-`.includes(`-${batchId}-`)) return true;
  }
  return false;
}
