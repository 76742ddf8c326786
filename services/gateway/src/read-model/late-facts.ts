import { STREAM } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream, FactMessage } from "@polyreel/platform/stream";

interface Deps {
  readonly stream: Pick<EventStream, "manager">;
  /** Knows the deletions before this process started. */
  readonly batches: Pick<LiveBatches, "isStale">;
  readonly log: Log;
}

/**
 * Facts that a process publishes about a batch that was deleted while the process was paused. Nobody counts them, but
 * the deletion has purged the stream already, so they would stay forever. The reader of all facts removes them.
 */
export class LateFacts {
  /** Positions of the deletions seen since the start. */
  readonly #deleted = new Map<string, number>();

  constructor(private readonly deps: Deps) {}

  /**
   * Removes those among `facts`, which are in the stream's order. Never throws: a failure leaves a fact that nobody
   * counts.
   */
  async remove(facts: readonly FactMessage[]): Promise<void> {
    const { stream, batches, log } = this.deps;
    for (const message of facts) {
      const { name, batchId, generation, sequence } = message;
      const deletedAt = this.#deleted.get(batchId) ?? 0;
      // A rebuild reads the deletion itself again: it is kept, because later processes learn about it only from there.
      const isLate = sequence > deletedAt && generation < deletedAt;
      if (generation > 0 && (isLate || (name !== "batch.deleted" && batches.isStale(message)))) {
        await stream.manager.streams.deleteMessage(STREAM, sequence, false).catch((error: unknown) => {
          log.debug({ err: error, batch: batchId, sequence }, "a fact of a deleted batch is gone already");
        });
      } else if (name === "batch.deleted") {
        this.#deleted.set(batchId, sequence);
      }
    }
  }
}
