import { factSubject, type PartRequested } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { followFacts } from "@polyreel/platform/nats/follow.js";
import type { LiveBatches } from "@polyreel/platform/nats/live-batches.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";

/** Of which part, and for which attempt. */
export interface PartRequest {
  readonly batchId: string;
  readonly kind: "clip" | "sound";
  readonly hash: string;
  readonly attempt: number;
}

/**
 * Asks again for parts that were there and are lost: their requests are answered, so nobody else would make them. What the
 * planner asked for is said once more, as a new attempt; of many combinations that need a part, one asks.
 */
export class PartRequests {
  readonly #asked = new Map<string, Map<string, Promise<void>>>();

  constructor(
    private readonly stream: EventStream,
    private readonly publisher: Publisher,
    batches: LiveBatches,
  ) {
    batches.on("ended", (batchId) => this.#asked.delete(batchId));
  }

  /** Resolves when it is asked for; it is made some time later. */
  again(request: PartRequest, signal: AbortSignal): Promise<void> {
    const { batchId, kind, hash, attempt } = request;
    const asked = this.#asked.get(batchId) ?? new Map<string, Promise<void>>();
    this.#asked.set(batchId, asked);
    const key = `${attempt} ${kind} ${hash}`;
    const asking = asked.get(key) ?? this.#ask(request, signal);
    asked.set(key, asking);
    asking.catch(() => asked.delete(key)); // the next one tries again
    return asking;
  }

  async #ask({ batchId, kind, hash, attempt }: PartRequest, signal: AbortSignal): Promise<void> {
    const request = await this.#find(factSubject(`${kind}.requested`, batchId), hash, signal);
    request.attempt = attempt;
    await this.publisher.publish(`${kind}.requested`, request, { id: hash, attempt });
  }

  async #find(subject: string, hash: string, signal: AbortSignal): Promise<PartRequested> {
    for await (const { name, fact, pending } of followFacts(this.stream, { subject, signal })) {
      if ((name === "clip.requested" || name === "sound.requested") && fact.hash === hash) return fact;
      if (pending === 0) break; // a request is older than the combination that waits for it
    }
    signal.throwIfAborted();
    throw new PolyreelError("invalid", {
      reason: "A part is lost, and what it was made from is no longer in the event stream.",
      remedy: "Submit the batch again.",
    });
  }
}
