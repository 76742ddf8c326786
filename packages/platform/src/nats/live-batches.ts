import { EventEmitter } from "node:events";
import { Priority, STREAM } from "@polyreel/contract";
import type { Running } from "../lifecycle.js";
import type { Log } from "../log.js";
import { followFacts } from "./follow.js";
import type { EventStream } from "./stream.js";

interface LiveBatchEvents {
  live: [batchId: string];
  ended: [batchId: string, how: "cancelled" | "finished"];
}

const WEIGHT: Record<Priority, number> = {
  [Priority.LOW]: 1,
  [Priority.UNSPECIFIED]: 4,
  [Priority.NORMAL]: 4,
  [Priority.HIGH]: 16,
};

/**
 * Which batches are live: submitted, and neither cancelled nor finished. Known from the stream, so every process of a
 * service sees the same, also after a restart.
 */
export class LiveBatches extends EventEmitter<LiveBatchEvents> implements Running {
  readonly #live = new Map<string, { controller: AbortController; priority: Priority }>();
  readonly #ended = new Set<string>();
  readonly #stop = new AbortController();
  #following: Promise<void> = Promise.resolve();

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

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    this.removeAllListeners();
  }

  async #follow(stream: EventStream, caughtUp: () => void): Promise<void> {
    let past = (await pendingBatchFacts(stream)) > 0;
    if (!past) caughtUp();
    for await (const { name, batchId, fact, pending } of followFacts(stream, {
      subject: "polyreel.batch.*.*",
      signal: this.#stop.signal,
    })) {
      if (name === "batch.submitted" && !this.#ended.has(batchId) && !this.#live.has(batchId)) {
        this.#live.set(batchId, { controller: new AbortController(), priority: fact.priority });
        if (!past) this.emit("live", batchId);
      } else if (name === "batch.cancelled" || name === "batch.finished") {
        this.#ended.add(batchId);
        const ended = this.#live.get(batchId);
        this.#live.delete(batchId);
        ended?.controller.abort(new DOMException("The batch has ended.", "AbortError"));
        if (ended && !past) this.emit("ended", batchId, name === "batch.cancelled" ? "cancelled" : "finished");
      }
      if (past && pending === 0) {
        past = false;
        caughtUp();
      }
    }
  }
}

/** How many facts about batches the stream holds: whether there is a past to catch up with. */
async function pendingBatchFacts(stream: EventStream): Promise<number> {
  const info = await stream.manager.streams.info(STREAM, { subjects_filter: "polyreel.batch.*.*" });
  return Object.keys(info.state.subjects ?? {}).length;
}
