import { EventEmitter } from "node:events";
import { type BatchResumed, type BatchSubmitted, Priority } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import { toPolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream, Generation } from "@polyreel/platform/stream";
import { type FactMessage, followMessages } from "@polyreel/platform/stream";

interface LiveBatchEvents {
  live: [batchId: string];
  ended: [batchId: string];
}

/** A live batch; a resumed one starts another life. */
interface Life {
  readonly controller: AbortController;
  readonly priority: Priority;
  readonly tenant: string;
  /** Position of the fact that resumed it; 0 if it was submitted. */
  readonly since: number;
  /** The newest run, from 1. */
  run: number;
}

const WEIGHT: Record<Priority, number> = {
  [Priority.LOW]: 1,
  [Priority.UNSPECIFIED]: 4,
  [Priority.NORMAL]: 4,
  [Priority.HIGH]: 16,
};

/**
 * Live batches: submitted or resumed, and neither cancelled nor finished since. Derived from the stream alone, in its
 * order, so every process of every service agrees, also after a restart. Cancellation is final.
 */
export class LiveBatches extends EventEmitter<LiveBatchEvents> implements Running {
  readonly #live = new Map<string, Life>();
  /** Where their last life began. */
  readonly #ended = new Map<string, number>();
  /** Batches that cannot be resumed: cancelled, or being deleted. */
  readonly #closed = new Set<string>();
  /** Position of each one's newest submission or deletion: facts of an earlier generation are ignored. */
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

  /** Resolves when it has caught up with the stream; no events are emitted until then. */
  static async follow(stream: EventStream, log: Log): Promise<LiveBatches> {
    const batches = new LiveBatches();
    await new Promise<void>((caughtUp, reject) => {
      batches.#following = batches.#follow(stream, caughtUp).catch((error: unknown) => {
        reject(error);
        log.error({ err: error }, "lost track of the live batches");
        // The service would miss new batches and cancellations, so it must fail.
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

  /** Turns that it gets for each turn of a batch of low priority. */
  weightOf(batchId: string): number {
    return WEIGHT[this.#live.get(batchId)?.priority ?? Priority.UNSPECIFIED];
  }

  /** Whose it is; empty for a batch that is not live. */
  tenantOf(batchId: string): string {
    return this.#live.get(batchId)?.tenant ?? "";
  }

  /**
   * Whether its end was published. A batch that is neither live nor ended is not known yet, or gone from the stream.
   */
  hasEnded(batchId: string): boolean {
    return this.#ended.has(batchId);
  }

  /**
   * Position in the stream where a batch's current or last life began: 0 for its submission, else the position of the
   * fact that resumed it. Facts before it belong to an earlier life. Undefined for an unknown batch.
   */
  sinceOf(batchId: string): number | undefined {
    return this.#live.get(batchId)?.since ?? this.#ended.get(batchId);
  }

  /** Whether the life of a batch that began at `since` has ended. One that is newer than those known here has not. */
  isOver(batchId: string, since: number): boolean {
    const generation = this.#generations.get(batchId);
    if (generation?.deleted) return since <= generation.since;
    const last = this.sinceOf(batchId);
    if (last === undefined) return false;
    return this.hasEnded(batchId) ? since <= last : since < last;
  }

  /** Position of the batch's submission; 0 if it is unknown or deleted. */
  generationOf(batchId: string): number {
    const known = this.#generations.get(batchId);
    return known && !known.deleted ? known.since : 0;
  }

  /**
   * Whether a fact belongs to an earlier, deleted batch with this id, published by a process that was paused meanwhile.
   * A fact of a generation that is not known here yet is not stale.
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
    for await (const message of followMessages(stream, { subject: "polyreel.batch.*.*", signal: this.#stop.signal })) {
      const change = message.name && this.#take(message);
      if (change && !past) this.emit(change, message.batchId);
      if (past && message.pending === 0) {
        past = false;
        caughtUp();
      }
    }
  }

  /** Applies a fact; returns the event to emit, if any. */
  #take(message: FactMessage): "live" | "ended" | undefined {
    if (this.isStale(message)) return undefined;
    const { name, batchId, fact, sequence } = message;
    const life = this.#live.get(batchId);
    switch (name) {
      case "batch.submitted": {
        if (life || this.#ended.has(batchId)) return undefined;
        // After a deletion its consumers start here: earlier facts belong to the deleted batch.
        const since = this.#generations.has(batchId) ? sequence : 0;
        this.#generations.set(batchId, { since: sequence, deleted: false });
        return this.#begin(fact, since, 1);
      }
      case "batch.resumed":
        if (!life && !this.#closed.has(batchId)) return this.#begin(fact, sequence, fact.run);
        if (life) life.run = fact.run;
        return undefined;
      case "batch.cancelled":
        if (life) this.#closed.add(batchId); // Otherwise the batch had ended before.
        return this.#end(batchId, life);
      case "batch.deleting":
        this.#closed.add(batchId);
        return this.#end(batchId, life); // It had ended, but may have been resumed at the same time.
      case "batch.deleted": {
        const change = this.#end(batchId, life);
        // A repeated request may create a new batch with this id.
        this.#closed.delete(batchId);
        this.#ended.delete(batchId);
        this.#generations.set(batchId, { since: sequence, deleted: true });
        return change;
      }
      case "batch.finished":
        // Published before the batch was known to be resumed: it continues.
        return life && Math.max(1, fact.run) < life.run ? undefined : this.#end(batchId, life);
    }
    return undefined;
  }

  #begin({ batchId, priority, tenant }: BatchSubmitted | BatchResumed, since: number, run: number): "live" {
    this.#ended.delete(batchId);
    this.#live.set(batchId, { controller: new AbortController(), priority, tenant, since, run });
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
