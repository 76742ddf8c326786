import type { LiveBatches } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { EventStream, Generation } from "@polyreel/platform/stream";
import { lastFact } from "@polyreel/platform/stream";

/** A process that looked less than this ago was not stopped over a deletion since: that takes several messages. */
const LOOK_AFTER_MS = 250;

/**
 * Keeps a process that was stopped amid its work from going on in a batch that is not the same any more: deleted meanwhile,
 * or deleted and submitted again. Passed before and after every step that others can see. Asks the stream where some time has
 * gone by since it did; all work on a batch shares one, so that it asks a few times a second at most.
 */
export class Fence {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly stream: EventStream,
    readonly batch: Generation,
    /** Deleting a batch is the one kind of work that goes on while it is deleted. */
    private readonly options: { readonly whileDeleting?: boolean } = {},
  ) {}

  /** Throws PolyreelError `not_found` where the batch is deleted, and `cancelled` where its id is another batch's by now. */
  async pass(): Promise<void> {
    if (this.batch.generation === 0) return; // published by a release that did not name it
    if (performance.now() - this.#lookedAt < LOOK_AFTER_MS) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { batchId, generation } = this.batch;
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

/** The fences of live batches, each shared by all work on its batch. */
export class Fences {
  readonly #fences = new Map<string, Fence>();

  constructor(
    private readonly stream: EventStream,
    private readonly batches: LiveBatches,
  ) {
    batches.on("ended", (batchId) => this.#fences.delete(batchId));
  }

  of(batch: Generation): Fence {
    const { batchId, generation } = batch;
    const known = this.#fences.get(batchId);
    if (known?.batch.generation === generation) return known;
    const fence = new Fence(this.stream, batch);
    if (this.batches.generationOf(batchId) === generation) this.#fences.set(batchId, fence);
    return fence;
  }
}
