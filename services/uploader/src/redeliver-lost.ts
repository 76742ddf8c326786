import { posix } from "node:path";
import { factsSoFar } from "@polyreel/platform/nats/follow.js";
import { Pipeline } from "@polyreel/platform/nats/pipeline.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import type { Destination } from "./destination/destination.js";

interface Deps {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly destination: Destination;
}

/**
 * Has a batch's deliveries into a folder made again that are no longer there: somebody removed the folder, or put another one
 * in its place, while the batch was at work. Each is rendered again as a new attempt, so that the batch is complete only when
 * the files are. Gives how many.
 */
export async function redeliverLost(
  { batchId, folder }: { batchId: string; folder: string },
  { stream, publisher, destination }: Deps,
  signal: AbortSignal,
): Promise<number> {
  const newest = new Map<string, { attempt: number; path: string }>();
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    const { combinationId, attempt, path } = fact;
    if (attempt >= (newest.get(combinationId)?.attempt ?? 0)) newest.set(combinationId, { attempt, path });
  }
  const lost = new Map<string, number>();
  for (const [id, { attempt, path }] of newest) {
    if (path && posix.dirname(path) === folder && !(await destination.has(path))) lost.set(id, attempt);
  }
  if (lost.size === 0) return 0;
  const publishing = new Pipeline();
  for await (const { fact } of factsSoFar(stream, "combination.rendered", batchId, { signal })) {
    const id = fact.combination?.id ?? "";
    if (lost.get(id) !== fact.attempt) continue;
    const attempt = Math.max(1, fact.attempt) + 1;
    await publishing.add(publisher.publish("combination.rendered", { ...fact, attempt }, { id, attempt }));
  }
  await publishing.end();
  return lost.size;
}
