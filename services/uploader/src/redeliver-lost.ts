import { deliveryMessageId, maskOf, onlyDeliveries, renderedPlan } from "@polyreel/contract";
import { Pipeline } from "@polyreel/platform/flow";
import type { EventStream, Publisher } from "@polyreel/platform/stream";
import { factsSoFar } from "@polyreel/platform/stream";
import { parsePlaced } from "@polyreel/spec";
import type { Destination } from "./destinations/destination.js";

interface Deps {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly destination: Destination;
}

/**
 * Republishes rendered outputs whose files in a folder were lost because the folder was removed or replaced while the
 * batch was in progress. Each is a new attempt, so that the batch finishes only when the files exist again. Returns
 * their number.
 */
export async function redeliverLost(
  { batchId, folder }: { batchId: string; folder: string },
  { stream, publisher, destination }: Deps,
  signal: AbortSignal,
): Promise<number> {
  const newest = new Map<string, { attempt: number; path: string }>();
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    const { combinationId, delivery, attempt, path } = fact;
    const key = keyOf(combinationId, delivery);
    if (attempt >= (newest.get(key)?.attempt ?? 0)) newest.set(key, { attempt, path });
  }
  const lost = new Map<string, number>();
  for (const [key, { attempt, path }] of newest) {
    if (path && isWithin(path, folder) && !(await destination.has(path))) lost.set(key, attempt);
  }
  if (lost.size === 0) return 0;
  const publishing = new Pipeline();
  for await (const { fact } of factsSoFar(stream, "combination.rendered", batchId, { signal })) {
    const combinationId = fact.combination?.id ?? "";
    const plan = renderedPlan(fact);
    const numbers = plan.targets.map(({ delivery }) => delivery);
    const again = numbers.filter((delivery) => lost.get(keyOf(combinationId, delivery)) === fact.attempt);
    const [first] = again;
    if (first === undefined) continue;
    const attempt = Math.max(1, fact.attempt) + 1;
    const [outputPlan = plan] = onlyDeliveries([plan], maskOf(again));
    const id = deliveryMessageId(combinationId, first);
    await publishing.add(publisher.publish("combination.rendered", { ...fact, outputPlan, attempt }, { id, attempt }));
  }
  await publishing.end();
  return lost.size;
}

const isWithin = (path: string, folder: string): boolean =>
  folder === "." ? parsePlaced(path).destination === "" : path.startsWith(`${folder}/`);

const keyOf = (combinationId: string, delivery: number): string => `${combinationId} ${delivery}`;
