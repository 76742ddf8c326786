import { createHash } from "node:crypto";
import { PolyreelError } from "../errors.js";
import { Pipeline } from "../flow/pipeline.js";
import type { BlobInfo, BlobStore, Io } from "./store.js";
import { STORED_PREFIXES } from "./stored-keys.js";

/** Objects copied concurrently: most are small, so that latency dominates. */
const AT_ONCE = 8;

export interface CopyProgress {
  /** Objects of the source seen so far, including those that needed no copy. */
  readonly objects: number;
  readonly copied: number;
  readonly copiedBytes: number;
}

/**
 * Copies all objects of a store to another one of any kind, and verifies each copy by reading it back. Existing objects of the
 * same size that are not older are skipped, so that a copy can be resumed, also while services use the source. Objects are
 * copied in the order of keys, and an index, which makes a part exist, after its payload. Throws the first failure; finished
 * copies stay.
 */
export async function copyStore(
  from: BlobStore,
  to: BlobStore,
  { signal, onProgress = () => {} }: Io & { readonly onProgress?: (progress: CopyProgress) => void } = {},
): Promise<CopyProgress> {
  let [objects, copied, copiedBytes] = [0, 0, 0];
  const existing = new SortedCursor(listAll(to, signal));
  const copying = new Pipeline(AT_ONCE);
  const report = () => onProgress({ objects, copied, copiedBytes });
  const copy = async (info: BlobInfo): Promise<void> => {
    await copyObject(from, to, info.key, signal);
    copied++;
    copiedBytes += info.sizeBytes;
    report();
  };
  try {
    for await (const info of listAll(from, signal)) {
      objects++;
      const earlier = await existing.find(info.key);
      if (earlier && earlier.sizeBytes === info.sizeBytes && earlier.writtenAt >= wholeSeconds(info.writtenAt))
        report();
      else if (isIndex(info.key)) {
        await copying.end(); // Including its payload.
        await copy(info);
      } else await copying.add(copy(info));
    }
    await copying.end();
  } catch (error) {
    await copying.end().catch(() => {});
    throw error;
  } finally {
    await existing.close();
  }
  return { objects, copied, copiedBytes };
}

async function* listAll(store: BlobStore, signal: AbortSignal | undefined): AsyncGenerator<BlobInfo> {
  for (const prefix of STORED_PREFIXES) yield* store.list(prefix, { signal });
}

/** Some stores keep times in whole seconds. */
const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);

const isIndex = (key: string): boolean => key.endsWith(".index");

async function copyObject(from: BlobStore, to: BlobStore, key: string, signal: AbortSignal | undefined): Promise<void> {
  const hash = createHash("sha256");
  const passing = async function* () {
    for await (const chunk of from.read(key, { signal })) {
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await to.put(key, passing(), { ...(signal && { signal }) });
  } catch (error) {
    if (error instanceof PolyreelError && error.code === "not_found" && !(await from.head(key, { signal }))) return; // Removed meanwhile.
    throw error;
  }
  const back = createHash("sha256");
  for await (const chunk of to.read(key, { signal })) back.update(chunk);
  if (back.digest("hex") === hash.digest("hex")) return;
  await to.remove([key]);
  throw new PolyreelError("unavailable", {
    reason: `The copy of ${key} differed from the object, and was removed.`,
    remedy: "Run it again; if this repeats, check both stores.",
  });
}

/** A sorted list that is read in step with another one. */
class SortedCursor {
  readonly #items: AsyncIterator<BlobInfo>;
  #current: BlobInfo | undefined;
  #begun = false;

  constructor(items: AsyncIterable<BlobInfo>) {
    this.#items = items[Symbol.asyncIterator]();
  }

  /** The item with this key, which must be greater than those of earlier calls. */
  async find(key: string): Promise<BlobInfo | undefined> {
    while (!this.#begun || (this.#current && this.#current.key < key)) {
      this.#begun = true;
      const next = await this.#items.next();
      this.#current = next.done ? undefined : next.value;
    }
    return this.#current?.key === key ? this.#current : undefined;
  }

  async close(): Promise<void> {
    await this.#items.return?.();
  }
}
