import { setTimeout as delay } from "node:timers/promises";
import { consumerNames } from "@polyreel/pipeline";
import type { EventStream } from "@polyreel/platform/stream";

const LOOK_MS = 50;
/** Consumers of services that are not running are deleted when those start again. */
const PATIENCE_MS = 5_000;

/**
 * Resolves when the services have let go of a batch that is cancelled: each deletes its consumer when its work on it has
 * stopped, and what it had delivered by then is told. Not waited for longer than a few seconds.
 */
export async function awaitRelease(stream: EventStream, batchId: string, signal: AbortSignal): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
    if (!(await hasConsumers(stream, batchId))) return;
    await delay(LOOK_MS, undefined, { signal });
  }
}

/** They are named `<stage>-<batch id>`, and for a resumed run `-<position>` after that. */
async function hasConsumers(stream: EventStream, batchId: string): Promise<boolean> {
  for await (const name of consumerNames(stream)) {
    if (`${name}-`.includes(`-${batchId}-`)) return true;
  }
  return false;
}
