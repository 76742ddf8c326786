import { PolyreelError } from "@polyreel/platform/errors.js";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import type { Generation } from "@polyreel/platform/nats/generation.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";

/** Work that went on for less than this since the last look was not stopped over a deletion: that takes several messages. */
const LOOK_AFTER_MS = 250;

/**
 * Keeps a process that was stopped amid its work from going on in a batch that is not the same any more: deleted meanwhile,
 * or deleted and submitted again. Passed before and after every step that others can see; asks the stream only where some
 * time has gone by.
 */
export class Fence {
  #lookedAt = performance.now();

  constructor(
    private readonly stream: EventStream,
    private readonly batch: Generation,
    /** Deleting a batch is the one kind of work that goes on while it is deleted. */
    private readonly options: { readonly whileDeleting?: boolean } = {},
  ) {}

  /** Throws PolyreelError `not_found` where the batch is deleted, and `cancelled` where its id is another batch's by now. */
  async pass(): Promise<void> {
    if (performance.now() - this.#lookedAt < LOOK_AFTER_MS) return;
    const { batchId, generation } = this.batch;
    if (generation === 0) return; // published by a release that did not name it
    const askedAt = performance.now();
    const submitted = (await lastFact(this.stream, "batch.submitted", batchId))?.sequence ?? 0;
    if (submitted > generation) throw new PolyreelError("cancelled", "The batch was deleted, and submitted again.");
    if (!this.options.whileDeleting) {
      const deleting = (await lastFact(this.stream, "batch.deleting", batchId))?.sequence ?? 0;
      if (submitted === 0 || deleting > generation) throw new PolyreelError("not_found", "The batch was deleted.");
    }
    this.#lookedAt = askedAt;
  }
}
