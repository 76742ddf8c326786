import { createHash } from "node:crypto";
import { PolyreelError } from "../errors.js";
import { Pipeline } from "../flow/pipeline.js";
import type { BlobInfo, BlobStore, Io } from "./store.js";
import { STORED_PREFIXES } from "./stored-keys.js";

/** Objects copied at a time: most are small, and then it is the line's delay that counts. */
const AT_ONCE = 8;

export interface CopyProgress {
  /** Objects of the source seen so far, those that were there already included. */
  readonly objects: number;
  readonly copied: number;
  readonly copiedBytes: number;
}

/**
 * Copies all objects of one store to another, of any kind, and reads each copy back to compare it. What is there already, with
 * the same size and not older, is left: so it may be stopped and run again, also beside services that use the source. Keys come
 * in their order: an index, by which a part exists, behind its payload. Throws the first failure; copies that are there stay.
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
      const there = await existing.find(info.key);
      if (there && there.sizeBytes === info.sizeBytes && there.writtenAt >= wholeSeconds(info.writtenAt)) report();
      else if (isBehind(info.key)) {
        await copying.end(); // its payload is there
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

/** Some stores know seconds only. */
const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);

const isBehind = (key: string): boolean => key.endsWith(".index");

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
    if (error instanceof PolyreelError && error.code === "not_found" && !(await from.head(key, { signal }))) return; // removed meanwhile
    throw error;
  }
  const back = createHash("sha256");
  for await (const chunk of to.read(key, { signal })) back.update(chunk);
  if (back.digest("hex") === hash.digest("hex")) return;
  await to.remove([key]);
  throw new PolyreelError("unavailable", {
    reason: `The copy of ${key} has other bytes than the object; it was removed.`,
    remedy: "Run it again; if this repeats, check both stores.",
  });
}

/** A list in the order of keys, read along with another one. */
class SortedCursor {
  readonly #items: AsyncIterator<BlobInfo>;
  #current: BlobInfo | undefined;
  #begun = false;

  constructor(items: AsyncIterable<BlobInfo>) {
    this.#items = items[Symbol.asyncIterator]();
  }

  /** The item of a key, which is behind those that were asked for before. */
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
