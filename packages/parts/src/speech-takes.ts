import { type BlobStore, readBytesIfAny, speechTakeKey } from "@polyreel/platform/blobs";

type Objects = Pick<BlobStore, "read" | "put">;

interface Take {
  /** Counts from 1: the first time that the line was spoken anew. */
  readonly take: number;
  /** The run that asked for it. */
  readonly by: string;
}

/** The newest take of a line; 0: it was never spoken anew. `hash`: of its first take's recipe. */
export const latestTake = async (store: Pick<Objects, "read">, hash: string, signal: AbortSignal): Promise<number> =>
  (await readTake(store, hash, signal))?.take ?? 0;

/** A new take of a line for a run, which later batches speak, too. The same one if the run asks again, after a crash. */
export async function newTake(store: Objects, hash: string, run: string, signal: AbortSignal): Promise<number> {
  const latest = await readTake(store, hash, signal);
  if (latest?.by === run) return latest.take;
  const next: Take = { take: (latest?.take ?? 0) + 1, by: run };
  await store.put(speechTakeKey(hash), Buffer.from(JSON.stringify(next)), { signal });
  return next.take;
}

async function readTake(store: Pick<Objects, "read">, hash: string, signal: AbortSignal): Promise<Take | undefined> {
  const bytes = await readBytesIfAny(store, speechTakeKey(hash), { signal });
  return bytes && (JSON.parse(bytes.toString("utf8")) as Take);
}
