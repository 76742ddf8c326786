import { randomUUID } from "node:crypto";
import { FailureCode, factSubject, type PartFactName, type PartRequested } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { EventStream, Publisher } from "@polyreel/platform/stream";
import { factsSoFar } from "@polyreel/platform/stream";
import type { AwaitedPart } from "./part-board.js";

interface PendingRequest {
  readonly found: (request: PartRequested) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Requests parts again that were lost or could not be made: their requests are already answered, so they would not be made
 * otherwise. The planner's request is published again as a new attempt, once for all combinations that need the part.
 */
export class PartRequests {
  readonly #published = new Map<string, Map<string, Promise<void>>>();
  /** Lookups for the next read of the stream, by subject and hash. */
  readonly #wanted = new Map<string, Map<string, PendingRequest[]>>();

  constructor(
    private readonly stream: EventStream,
    private readonly publisher: Publisher,
    private readonly batches: LiveBatches,
  ) {
    batches.on("ended", (batchId) => this.#published.delete(batchId));
  }

  /** Resolves when the request is published; the part is made later. */
  again(part: AwaitedPart): Promise<void> {
    const { batchId, kind, hash, attempt } = part;
    const published = this.#published.get(batchId) ?? new Map<string, Promise<void>>();
    this.#published.set(batchId, published);
    const key = `${attempt} ${kind} ${hash}`;
    const publishing = published.get(key) ?? this.#publish(part);
    published.set(key, publishing);
    publishing.catch(() => published.delete(key)); // The next call tries again.
    return publishing;
  }

  async #publish({ batchId, kind, hash, attempt }: AwaitedPart): Promise<void> {
    const first = await new Promise<PartRequested>((found, failed) => {
      const name = `${kind}.requested` as const;
      const subject = factSubject(name, batchId);
      const wanted = this.#wanted.get(subject) ?? new Map<string, PendingRequest[]>();
      const begin = wanted.size === 0;
      this.#wanted.set(subject, wanted);
      wanted.set(hash, [...(wanted.get(hash) ?? []), { found, failed }]);
      if (begin) setImmediate(() => this.#read(name, batchId, subject));
    });
    // A part may be lost again within moments: the broker must not deduplicate its requests.
    const id = `${hash}.${randomUUID()}`;
    await this.publisher.publish(
      `${kind}.requested`,
      { ...first, attempt, force: false, again: true },
      { id, attempt },
    );
  }

  /** Finds all wanted requests in one read of the stream. A request is older than the work that waits for its part. */
  async #read(name: PartFactName<"requested">, batchId: string, subject: string): Promise<void> {
    const wanted = this.#wanted.get(subject) ?? new Map<string, PendingRequest[]>();
    this.#wanted.delete(subject);
    let reason: unknown = lostRequest();
    try {
      for await (const { fact } of factsSoFar(this.stream, name, batchId, { signal: this.batches.signalOf(batchId) })) {
        for (const { found } of wanted.get(fact.hash) ?? []) found(fact);
        wanted.delete(fact.hash);
        if (wanted.size === 0) break;
      }
    } catch (error) {
      reason = error;
    }
    for (const { failed } of [...wanted.values()].flat()) failed(reason);
  }
}

const lostRequest = (): PolyreelError =>
  new PolyreelError("invalid", {
    code: FailureCode.FAILED_PRECONDITION,
    reason: "A part is lost, and its request is no longer in the event stream.",
    remedy: "Submit the batch again.",
  });
