import { isPartFact, PartReadySchema, type RequestedKind, requestedKinds } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream } from "@polyreel/platform/stream";
import { followFacts, listen } from "@polyreel/platform/stream";
import type { PartRef } from "../kinds/media-ref.js";
import type { PartStore } from "../part-store.js";

/** The store is asked this often where nothing was heard: announcements may be lost, parts are not. */
const ASK_AGAIN_MS = 2_000;

/** What is waited for, and by whom. */
export interface AwaitedPart extends PartRef {
  readonly batchId: string;
  /** Failures of earlier attempts are past. */
  readonly attempt: number;
}

interface FailedPart {
  readonly attempt: number;
  readonly error: PolyreelError;
}

/**
 * Where combinations wait for their parts. The store is the truth; what the services announce only wakes those who wait.
 * Failures are known from the stream, also those told before this process began.
 */
export class PartBoard implements Running {
  readonly #failed = new Map<string, Map<string, FailedPart>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #stop = new AbortController();
  readonly #following: Promise<unknown>;

  constructor(
    private readonly stream: EventStream,
    private readonly batches: LiveBatches,
    log: Log,
  ) {
    const hearNothing = listen(stream.connection, "polyreel.*.ready.*", PartReadySchema, ({ hash }) => this.wake(hash));
    this.#stop.signal.addEventListener("abort", hearNothing);
    batches.on("ended", (batchId) => this.#failed.delete(batchId));
    this.#following = Promise.all(
      requestedKinds.map((kind) =>
        this.#followFailures(kind).catch((error: unknown) => log.error({ err: error }, "lost track of failed parts")),
      ),
    );
  }

  /** Resolves when the part is in the store. Throws the failure that was told of it in this batch and attempt, or later. */
  wait(parts: PartStore, part: AwaitedPart, signal: AbortSignal): Promise<void> {
    return this.waitUntil(() => parts.has(part.kind, part.hash), part, signal);
  }

  /** The same until `there` holds, which is asked again when the part is said to be ready, and every now and then. */
  async waitUntil(there: () => Promise<boolean>, { batchId, hash, attempt }: AwaitedPart, signal: AbortSignal) {
    for (;;) {
      signal.throwIfAborted();
      const failure = this.#failed.get(batchId)?.get(hash);
      if (failure && failure.attempt >= attempt) throw failure.error;
      const woken = this.#woken(hash, signal); // before it is asked, so that nothing is missed in between
      if (await there()) {
        this.wake(hash);
        return;
      }
      await woken;
    }
  }

  /** Those who wait for a part look again. */
  wake(hash: string): void {
    for (const wake of [...(this.#waiting.get(hash) ?? [])]) wake();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #followFailures(kind: RequestedKind): Promise<void> {
    for await (const told of followFacts(this.stream, {
      subject: `polyreel.${kind}.failed.*`,
      signal: this.#stop.signal,
    })) {
      if (!isPartFact(told, "failed")) continue;
      if (this.batches.isStale(told)) continue;
      if (this.batches.hasEnded(told.batchId)) continue; // one not heard of yet is live: this reader may be ahead
      const failures = this.#failed.get(told.batchId) ?? new Map<string, FailedPart>();
      this.#failed.set(told.batchId, failures);
      const { hash, attempt, failure = { reason: "A part could not be made." } } = told.fact;
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
