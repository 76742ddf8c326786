import type { LiveBatches } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { EventStream, Generation } from "@polyreel/platform/stream";
import { lastFact } from "@polyreel/platform/stream";

/** Validity of a check: a deletion takes several messages, so the process cannot have been paused through one since. */
const CHECK_VALID_MS = 250;

/**
 * Prevents a process that was paused during its work from continuing in a batch that was deleted meanwhile, or deleted
 * and submitted again. Checked before and after every visible step. Reads the stream if the last check is too old; all
 * work on a batch shares one fence, so it reads a few times per second at most.
 */
export class Fence {
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  constructor(
    private readonly stream: EventStream,
    readonly batch: Generation,
    /** Set for the deletion itself, the only work that continues while a batch is deleted. */
    private readonly options: { readonly whileDeleting?: boolean } = {},
  ) {}

  /** Throws PolyreelError `not_found` if the batch is deleted, and `cancelled` if another batch has its id by now. */
  async pass(): Promise<void> {
    if (this.batch.generation === 0) return; // Published by a release without generations.
    if (performance.now() - this.#checkedAt < CHECK_VALID_MS) return;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #check(): Promise<void> {
    const { batchId, generation } = this.batch;
    const startedAt = performance.now();
    const submitted = (await lastFact(this.stream, "batch.submitted", batchId))?.sequence ?? 0;
    if (submitted > generation) throw new PolyreelError("cancelled", "The batch was deleted, and submitted again.");
    if (!this.options.whileDeleting) {
      const deleting = (await lastFact(this.stream, "batch.deleting", batchId))?.sequence ?? 0;
      if (submitted === 0 || deleting > generation) throw new PolyreelError("not_found", "The batch was deleted.");
    }
    this.#checkedAt = startedAt;
  }
}

/** Fences of live batches; all work on a batch shares one. */
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
