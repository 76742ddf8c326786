import { isPartFact, PartReadySchema, type RequestedKind, requestedKinds } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream } from "@polyreel/platform/stream";
import { followFacts, listen } from "@polyreel/platform/stream";
import { LRUCache } from "lru-cache";
import type { PartRef } from "../kinds/media-ref.js";
import type { PartStore } from "../part-store.js";

/** Interval of asking the store without an announcement: announcements may be lost, parts are not. */
const ASK_AGAIN_MS = 2_000;
/** Announcements remembered, for work that begins to wait after them. */
const ANNOUNCED = 10_000;

/** A part, and the attempt that waits for it. */
export interface AwaitedPart extends PartRef {
  readonly batchId: string;
  /** Failures of earlier attempts are ignored. */
  readonly attempt: number;
}

interface FailedPart {
  readonly attempt: number;
  readonly error: PolyreelError;
}

/**
 * Lets combinations wait for their parts. The store is the truth; announcements of services only wake the waiters.
 * Failures are read from the stream, including those published before this process started.
 */
export class PartBoard implements Running {
  readonly #failed = new Map<string, Map<string, FailedPart>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Attempts of the last announcements, by batch and part. */
  readonly #announced = new LRUCache<string, number>({ max: ANNOUNCED });
  readonly #stop = new AbortController();
  readonly #following: Promise<unknown>;

  constructor(
    private readonly stream: EventStream,
    private readonly batches: LiveBatches,
    log: Log,
  ) {
    const stopListening = listen(stream.connection, "polyreel.*.ready.*", PartReadySchema, (ready) => {
      this.#announced.set(announcedKey(ready), Math.max(1, ready.attempt));
      this.wake(ready.hash);
    });
    this.#stop.signal.addEventListener("abort", stopListening);
    batches.on("ended", (batchId) => this.#failed.delete(batchId));
    this.#following = Promise.all(
      requestedKinds.map((kind) =>
        this.#followFailures(kind).catch((error: unknown) =>
          log.error({ err: error }, "stopped following failed parts"),
        ),
      ),
    );
  }

  /** Resolves when the part is in the store. Throws its failure if one was published in this batch and attempt, or later. */
  wait(parts: PartStore, part: AwaitedPart, signal: AbortSignal): Promise<void> {
    return this.waitUntil(() => parts.has(part.kind, part.hash), part, signal);
  }

  /** The same until `exists` holds, which is checked when the part is announced, and periodically. */
  async waitUntil(exists: () => Promise<boolean>, { batchId, hash, attempt }: AwaitedPart, signal: AbortSignal) {
    for (;;) {
      signal.throwIfAborted();
      const failure = this.#failed.get(batchId)?.get(hash);
      if (failure && failure.attempt >= attempt) throw failure.error;
      const woken = this.#woken(hash, signal); // Before the check, so that no announcement is missed.
      if (await exists()) {
        this.wake(hash);
        return;
      }
      await woken;
    }
  }

  /** The attempt in which the part was last announced to this process as ready; 0 if it was not, or a while ago. */
  announcedIn(part: Pick<AwaitedPart, "batchId" | "hash">): number {
    return this.#announced.get(announcedKey(part)) ?? 0;
  }

  /** Lets the waiters for a part check again. */
  wake(hash: string): void {
    for (const wake of [...(this.#waiting.get(hash) ?? [])]) wake();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #followFailures(kind: RequestedKind): Promise<void> {
    for await (const message of followFacts(this.stream, {
      subject: `polyreel.${kind}.failed.*`,
      signal: this.#stop.signal,
    })) {
      if (!isPartFact(message, "failed")) continue;
      if (this.batches.isStale(message)) continue;
      if (this.batches.hasEnded(message.batchId)) continue; // An unknown batch counts as live: this reader may be ahead.
      const failures = this.#failed.get(message.batchId) ?? new Map<string, FailedPart>();
      this.#failed.set(message.batchId, failures);
      const { hash, attempt, failure = { reason: "A part could not be made." } } = message.fact;
      failures.set(hash, { attempt: Math.max(1, attempt), error: new PolyreelError("invalid", failure) });
      this.wake(hash);
    }
  }

  #woken(hash: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(hash) ?? new Set();
      this.#waiting.set(hash, waiting);
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(hash) === waiting) this.#waiting.delete(hash);
        resolve();
      };
      const timer = setTimeout(wake, ASK_AGAIN_MS);
      signal.addEventListener("abort", wake, { once: true });
      waiting.add(wake);
    });
  }
}

const announcedKey = ({ batchId, hash }: Pick<AwaitedPart, "batchId" | "hash">): string => `${batchId} ${hash}`;
