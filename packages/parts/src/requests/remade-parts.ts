import { isPartFact, type RequestedKind } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import type { EventStream } from "@polyreel/platform/stream";
import { followFacts } from "@polyreel/platform/stream";
import type { AwaitedPart } from "./part-board.js";

/**
 * Tracks the parts that were made after a position of the stream: combinations wait for these when their parts are
 * rebuilt, because the store has the old ones already. Follows only batches that are queried.
 */
export class RemadeParts implements Running {
  /** By batch, kind and position. */
  readonly #made = new Map<string, Set<string>>();
  readonly #stop = new AbortController();
  readonly #following = new Set<Promise<void>>();

  /** `onReady` is called for each part that was made. */
  constructor(
    private readonly stream: EventStream,
    private readonly batches: LiveBatches,
    private readonly onReady: (hash: string) => void,
  ) {}

  /** Whether the part is known to be made after that position. It may become known a moment later. */
  has({ batchId, kind, hash }: AwaitedPart, after: number): boolean {
    const key = `${batchId} ${kind} ${after}`;
    const made = this.#made.get(key) ?? new Set<string>();
    if (!this.#made.has(key)) {
      this.#made.set(key, made);
      const following = this.#follow(batchId, kind, after, made).finally(() => {
        this.#made.delete(key);
        this.#following.delete(following);
      });
      this.#following.add(following);
    }
    return made.has(hash);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#following);
  }

  async #follow(batchId: string, kind: RequestedKind, after: number, made: Set<string>): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.batches.signalOf(batchId)]);
    const subject = `polyreel.${kind}.ready.${batchId}`;
    for await (const message of followFacts(this.stream, { subject, afterSequence: after, signal })) {
      if (this.batches.isStale(message)) continue;
      if (!isPartFact(message, "ready")) continue;
      made.add(message.fact.hash);
      this.onReady(message.fact.hash);
    }
  }
}
