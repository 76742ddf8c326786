import { randomUUID } from "node:crypto";
import { FailureCode, factSubject, type PartFactName, type PartRequested } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { EventStream, Publisher } from "@polyreel/platform/stream";
import { factsSoFar } from "@polyreel/platform/stream";
import type { AwaitedPart } from "./part-board.js";

interface Asking {
  readonly found: (request: PartRequested) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Asks again for parts that were there and are lost, or could not be made: their requests are answered, so nobody else would
 * make them. What the planner asked for is said once more, as a new attempt; of many combinations that need a part, one asks.
 */
export class PartRequests {
  readonly #asked = new Map<string, Map<string, Promise<void>>>();
  /** Whose requests are looked for when the stream is read next, by subject and hash. */
  readonly #wanted = new Map<string, Map<string, Asking[]>>();

  constructor(
    private readonly stream: EventStream,
    private readonly publisher: Publisher,
    private readonly batches: LiveBatches,
  ) {
    batches.on("ended", (batchId) => this.#asked.delete(batchId));
  }

  /** Resolves when it is asked for; it is made some time later. */
  again(part: AwaitedPart): Promise<void> {
    const { batchId, kind, hash, attempt } = part;
    const asked = this.#asked.get(batchId) ?? new Map<string, Promise<void>>();
    this.#asked.set(batchId, asked);
    const key = `${attempt} ${kind} ${hash}`;
    const asking = asked.get(key) ?? this.#ask(part);
    asked.set(key, asking);
    asking.catch(() => asked.delete(key)); // the next one tries again
    return asking;
  }

  async #ask({ batchId, kind, hash, attempt }: AwaitedPart): Promise<void> {
    const first = await new Promise<PartRequested>((found, failed) => {
      const name = `${kind}.requested` as const;
      const subject = factSubject(name, batchId);
      const wanted = this.#wanted.get(subject) ?? new Map<string, Asking[]>();
      const begin = wanted.size === 0;
      this.#wanted.set(subject, wanted);
      wanted.set(hash, [...(wanted.get(hash) ?? []), { found, failed }]);
      if (begin) setImmediate(() => this.#read(name, batchId, subject));
    });
    // What was asked for a moment ago, and is lost again, must not be taken for the same request by the broker.
    const id = `${hash}.${randomUUID()}`;
    await this.publisher.publish(`${kind}.requested`, { ...first, attempt, force: false }, { id, attempt });
  }

  /** Finds what is wanted by now in one reading of the stream. A request is older than what waits for its part. */
  async #read(name: PartFactName<"requested">, batchId: string, subject: string): Promise<void> {
    const wanted = this.#wanted.get(subject) ?? new Map<string, Asking[]>();
    this.#wanted.delete(subject);
    let reason: unknown = gone();
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

const gone = (): PolyreelError =>
  new PolyreelError("invalid", {
    code: FailureCode.FAILED_PRECONDITION,
    reason: "A part is lost, and what it was made from is no longer in the event stream.",
    remedy: "Submit the batch again.",
  });
