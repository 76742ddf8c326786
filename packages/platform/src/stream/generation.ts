import { AsyncLocalStorage } from "node:async_hooks";

/**
 * The header that names the generation a fact belongs to: the position in the stream of the `batch.submitted` that it follows
 * from. A batch id is the hash of a request id, so a request sent again after DeleteBatch gives the same subjects to another
 * batch. A process that was stopped over both publishes facts of the first into the second; its generation tells them apart.
 */
export const GENERATION_HEADER = "Polyreel-Generation";

/** A batch in one of its generations. 0: not known, as with facts of releases that did not name it. */
export interface Generation {
  readonly batchId: string;
  readonly generation: number;
}

const worked = new AsyncLocalStorage<Generation>();

/** Runs the work on a fact: what it publishes of the same batch belongs to that fact's generation. */
export const inGeneration = <T>({ batchId, generation }: Generation, work: () => T): T =>
  worked.run({ batchId, generation }, work);

/** The generation of the fact that is being worked, where it is of this batch; 0 elsewhere. */
export function workedGeneration(batchId: string): number {
  const current = worked.getStore();
  return current?.batchId === batchId ? current.generation : 0;
}
