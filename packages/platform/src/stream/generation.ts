import { AsyncLocalStorage } from "node:async_hooks";

/**
 * The header with the generation of a fact: the position in the stream of the `batch.submitted` that it belongs to. A
 * batch id is the hash of a request id, so a request repeated after DeleteBatch gives the same subjects to another
 * batch. A process that was paused across both would publish facts of the first into the second; the generation
 * distinguishes them.
 */
export const GENERATION_HEADER = "Polyreel-Generation";

/** A batch in one of its generations. 0: unknown, as for facts of earlier releases. */
export interface Generation {
  readonly batchId: string;
  readonly generation: number;
}

const worked = new AsyncLocalStorage<Generation>();

/** Runs the work on a fact: facts it publishes about the same batch belong to that fact's generation. */
export const inGeneration = <T>({ batchId, generation }: Generation, work: () => T): T =>
  worked.run({ batchId, generation }, work);

/** The generation of the fact being worked on, if it is of this batch; otherwise 0. */
export function workedGeneration(batchId: string): number {
  const current = worked.getStore();
  return current?.batchId === batchId ? current.generation : 0;
}
