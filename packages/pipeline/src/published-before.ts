import { setTimeout as sleep } from "node:timers/promises";
import { countOf, deliveriesIn, deliveriesPlanned, renderedPlan } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";
import { type FactMessage, factsSoFar } from "@polyreel/platform/stream";

/** Facts about outcomes of deliveries. */
type Outcome = "combination.rendered" | "combination.delivered" | "combination.failed";

/** Messages that a process returned are redelivered together: they share one reading of the stream. */
const GATHER_MS = 50;

interface Reading {
  afterSequence: number;
  /** Delivery numbers found, by attempt at a combination. */
  readonly wanted: Map<string, Set<number>>;
  readonly end: Promise<void>;
}

/**
 * Outcomes of redelivered messages that are in the stream already. The process that had such a message may have
 * published some of them, and died before the message was acknowledged; and the broker forgets message ids after two
 * minutes, so that publishing them again would add a second fact.
 */
export class PublishedBefore {
  /** Readings that are about to start, by batch. */
  readonly #next = new Map<string, Reading>();
  readonly #closed = new AbortController();

  /** `outcomes`: the facts that the work publishes. */
  constructor(
    private readonly stream: EventStream,
    private readonly outcomes: readonly Outcome[],
  ) {}

  /** Numbers of an attempt's deliveries whose outcome was published after a message. */
  async deliveries(
    { batchId, sequence }: Pick<FactMessage, "batchId" | "sequence">,
    combinationId: string,
    attempt: number,
  ): Promise<ReadonlySet<number>> {
    const reading = this.#next.get(batchId) ?? this.#begin(batchId);
    const key = keyOf(combinationId, attempt);
    const found = reading.wanted.get(key) ?? new Set();
    reading.wanted.set(key, found);
    reading.afterSequence = Math.min(reading.afterSequence, sequence);
    await reading.end;
    return found;
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }

  #begin(batchId: string): Reading {
    const { signal } = this.#closed;
    const read = async () => {
      await sleep(GATHER_MS, undefined, { signal });
      this.#next.delete(batchId);
      await this.#read(batchId, reading, signal);
    };
    const reading: Reading = { afterSequence: Number.POSITIVE_INFINITY, wanted: new Map(), end: read() };
    this.#next.set(batchId, reading);
    return reading;
  }

  async #read(batchId: string, { afterSequence, wanted }: Reading, signal: AbortSignal): Promise<void> {
    for (const name of this.outcomes) {
      for await (const message of factsSoFar(this.stream, name, batchId, { afterSequence, signal })) {
        const { combinationId, numbers } = aboutOf(message);
        const found = wanted.get(keyOf(combinationId, message.fact.attempt));
        for (const number of found ? numbers : []) found?.add(number);
      }
    }
  }
}

const keyOf = (combinationId: string, attempt: number): string => `${combinationId} ${Math.max(1, attempt)}`;

function aboutOf({ name, fact }: FactMessage<Outcome>): { combinationId: string; numbers: readonly number[] } {
  if (name === "combination.rendered")
    return { combinationId: fact.combination?.id ?? "", numbers: deliveriesPlanned([renderedPlan(fact)]) };
  if (name === "combination.delivered") return { combinationId: fact.combinationId, numbers: [fact.delivery] };
  return { combinationId: fact.combinationId, numbers: deliveriesIn(fact.deliveries, countOf(fact.deliveryCount)) };
}
