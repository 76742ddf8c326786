import { EventEmitter } from "node:events";
import { Priority } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import { toPolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream, Generation } from "@polyreel/platform/stream";
import { type FactMessage, followMessages } from "@polyreel/platform/stream";

interface LiveBatchEvents {
  live: [batchId: string];
  ended: [batchId: string];
}

/** A batch while it is live; one that had ended and is resumed begins another life. */
interface Life {
  readonly controller: AbortController;
  readonly priority: Priority;
  /** Position of the fact that resumed it; 0: it was submitted. */
  readonly since: number;
  /** The newest run that was resumed, from 1. */
  run: number;
}

const WEIGHT: Record<Priority, number> = {
  [Priority.LOW]: 1,
  [Priority.UNSPECIFIED]: 4,
  [Priority.NORMAL]: 4,
  [Priority.HIGH]: 16,
};

/**
 * Which batches are live: submitted or resumed, and neither cancelled nor finished since. Known from the stream alone, in
 * its order, so every process of every service sees the same, also after a restart. To be cancelled is final.
 */
export class LiveBatches extends EventEmitter<LiveBatchEvents> implements Running {
  readonly #live = new Map<string, Life>();
  /** When their last life began. */
  readonly #ended = new Map<string, number>();
  /** Those that no run can be resumed of: cancelled, or being deleted. */
  readonly #closed = new Set<string>();
  /** Position of the newest submission of each, or of its deletion: facts of an earlier generation count no more. */
  readonly #generations = new Map<string, { readonly since: number; readonly deleted: boolean }>();
  readonly #stop = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #fail: (error: Error) => void = () => {};
  readonly failed = new Promise<Error>((resolve) => {
    this.#fail = resolve;
  });

  private constructor() {
    super();
    this.setMaxListeners(0);
  }

  /** Resolves when the past is known; batches that ended in it are never told of. */
  static async follow(stream: EventStream, log: Log): Promise<LiveBatches> {
    const batches = new LiveBatches();
    await new Promise<void>((caughtUp, reject) => {
      batches.#following = batches.#follow(stream, caughtUp).catch((error: unknown) => {
        reject(error);
        log.error({ err: error }, "lost track of the live batches");
        // Deaf to every new batch and every cancel, it must not look alive.
        batches.#fail(toPolyreelError(error));
      });
    });
    return batches;
  }

  get ids(): readonly string[] {
    return [...this.#live.keys()];
  }

  /** Aborts when the batch ends; already aborted for one that is not live. */
  signalOf(batchId: string): AbortSignal {
    return (
      this.#live.get(batchId)?.controller.signal ??
      AbortSignal.abort(new DOMException("The batch has ended.", "AbortError"))
    );
  }

  /** Turns it gets at the workers for each that a batch of low priority gets. */
  weightOf(batchId: string): number {
    return WEIGHT[this.#live.get(batchId)?.priority ?? Priority.UNSPECIFIED];
  }

  /** Whether its end was told. One that is neither live nor ended was not heard of yet, or is gone from the stream. */
  hasEnded(batchId: string): boolean {
    return this.#ended.has(batchId);
  }

  /**
   * Where in the stream the life that a batch has, or had last, began: 0 at its submission, else the position of the fact
   * that resumed it. What was said before was worked in an earlier life. Undefined for a batch not heard of.
   */
  sinceOf(batchId: string): number | undefined {
    return this.#live.get(batchId)?.since ?? this.#ended.get(batchId);
  }

  /** Whether the life of a batch that began at `since` has ended. One that began later than what is known here has not. */
  isOver(batchId: string, since: number): boolean {
    const generation = this.#generations.get(batchId);
    if (generation?.deleted) return since <= generation.since;
    const last = this.sinceOf(batchId);
    if (last === undefined) return false;
    return this.hasEnded(batchId) ? since <= last : since < last;
  }

  /** Position of the batch's submission; 0 for one that is not known, or deleted. */
  generationOf(batchId: string): number {
    const known = this.#generations.get(batchId);
    return known && !known.deleted ? known.since : 0;
  }

  /**
   * Whether a fact belongs to an earlier batch of this id, which was deleted: published by a process that was stopped
   * meanwhile. One that this process is yet to learn of is not.
   */
  isStale({ batchId, generation }: Generation): boolean {
    return generation > 0 && generation < (this.#generations.get(batchId)?.since ?? 0);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    this.removeAllListeners();
  }

  async #follow(stream: EventStream, caughtUp: () => void): Promise<void> {
    let past = true;
    for await (const told of followMessages(stream, { subject: "polyreel.batch.*.*", signal: this.#stop.signal })) {
      const change = told.name && this.#take(told);
      if (change && !past) this.emit(change, told.batchId);
      if (past && told.pending === 0) {
        past = false;
        caughtUp();
      }
    }
  }

  /** What a fact changes: the batch is live now, or has ended. */
  #take(told: FactMessage): "live" | "ended" | undefined {
    if (this.isStale(told)) return undefined;
    const { name, batchId, fact, sequence } = told;
    const life = this.#live.get(batchId);
    switch (name) {
      case "batch.submitted": {
        if (life || this.#ended.has(batchId)) return undefined;
        // After a deletion its consumers begin here: what lies before is of the batch that was deleted.
        const since = this.#generations.has(batchId) ? sequence : 0;
        this.#generations.set(batchId, { since: sequence, deleted: false });
        return this.#begin(batchId, fact.priority, since, 1);
      }
      case "batch.resumed":
        if (!life && !this.#closed.has(batchId)) return this.#begin(batchId, fact.priority, sequence, fact.run);
        if (life) life.run = fact.run;
        return undefined;
      case "batch.cancelled":
        if (life) this.#closed.add(batchId); // else it came too late: the batch had ended
        return this.#end(batchId, life);
      case "batch.deleting":
        this.#closed.add(batchId);
        return this.#end(batchId, life); // it had ended, but may have been resumed at that very moment
      case "batch.deleted": {
        const change = this.#end(batchId, life);
        // Its id may be a new batch's: the same request, sent again.
        this.#closed.delete(batchId);
        this.#ended.delete(batchId);
        this.#generations.set(batchId, { since: sequence, deleted: true });
        return change;
      }
      case "batch.finished":
        // Said before it was known that the batch had been resumed: it goes on.
        return life && Math.max(1, fact.run) < life.run ? undefined : this.#end(batchId, life);
    }
    return undefined;
  }

  #begin(batchId: string, priority: Priority, since: number, run: number): "live" {
    this.#ended.delete(batchId);
    this.#live.set(batchId, { controller: new AbortController(), priority, since, run });
    return "live";
  }

  #end(batchId: string, life: Life | undefined): "ended" | undefined {
    if (!life) {
      if (!this.#ended.has(batchId)) this.#ended.set(batchId, 0);
      return undefined;
    }
    this.#ended.set(batchId, life.since);
    this.#live.delete(batchId);
    life.controller.abort(new DOMException("The batch has ended.", "AbortError"));
    return "ended";
  }
}
