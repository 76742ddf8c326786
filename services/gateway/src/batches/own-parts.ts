import { indexKey, payloadKey, recordSpeechUse, removePart } from "@polyreel/parts";
import type { Store } from "@polyreel/platform/blobs";
import type { PartName } from "../read-model/read-model.js";

/** Objects of the store that were, or would be, removed. */
export interface Removed {
  readonly count: number;
  readonly bytes: number;
}

/** Removes existing parts from a tenant's store. */
export async function removeParts(parts: AsyncIterable<PartName>, store: Store, signal: AbortSignal): Promise<Removed> {
  return forEachFound(parts, store, signal, async ({ kind, hash }) => {
    if (kind === "voice") await recordSpeechUse(store, hash, signal);
    await removePart(store, payloadKey(kind, hash));
  });
}

/** Measures what removing them would free. */
export const measureParts = (parts: AsyncIterable<PartName>, store: Store, signal: AbortSignal): Promise<Removed> =>
  forEachFound(parts, store, signal, async () => {});

async function forEachFound(
  parts: AsyncIterable<PartName>,
  store: Store,
  signal: AbortSignal,
  work: (part: PartName) => Promise<void>,
): Promise<Removed> {
  let [count, bytes] = [0, 0];
  for await (const part of parts) {
    signal.throwIfAborted();
    const [payload, index] = await Promise.all([
      store.head(payloadKey(part.kind, part.hash), { signal }),
      store.head(indexKey(part.kind, part.hash), { signal }),
    ]);
    if (!payload && !index) continue; // It failed, or was removed before.
    await work(part);
    count++;
    bytes += (payload?.sizeBytes ?? 0) + (index?.sizeBytes ?? 0);
  }
  return { count, bytes };
}
