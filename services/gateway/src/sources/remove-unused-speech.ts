import { indexKey } from "@polyreel/parts";
import { KEPT_SPEECH, keptSpeechKey, keptSpeechUseKey, type Store } from "@polyreel/platform/blobs";

const KEY = /^speech\/([0-9a-f]{64})$/;

interface Unused {
  /** In milliseconds: speech that was used later stays. */
  readonly before: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly assertHeld: () => Promise<void>;
}

/**
 * Removes speech that cannot be made again as sources are removed: if no batch has its line, and it was kept, or used by a
 * batch that is deleted, long enough ago.
 */
export async function removeUnusedSpeech(
  store: Store,
  { before, dryRun, signal, assertHeld }: Unused,
): Promise<{ count: number; bytes: number }> {
  let [count, bytes] = [0, 0];
  for await (const { key, sizeBytes, writtenAt } of store.list(`${KEPT_SPEECH}/`, { signal })) {
    signal.throwIfAborted();
    const [, hash] = KEY.exec(key) ?? [];
    if (!hash || writtenAt.getTime() >= before) continue;
    const used = await store.head(keptSpeechUseKey(hash), { signal });
    if ((used?.writtenAt.getTime() ?? 0) >= before) continue;
    if (await store.head(indexKey("voice", hash), { signal })) continue; // The part stays as long as a batch has the line.
    if (!dryRun) {
      await assertHeld();
      await store.remove([keptSpeechKey(hash), keptSpeechUseKey(hash)], { signal });
    }
    count++;
    bytes += sizeBytes;
  }
  return { count, bytes };
}
