import { setTimeout as delay } from "node:timers/promises";
import { STREAM, STREAM_SUBJECTS } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Running } from "@polyreel/platform/lifecycle.js";
import type { Log } from "@polyreel/platform/log.js";
import { followFacts } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { apply } from "./apply.js";
import { type BatchRecord, newBatchRecord } from "./batch-record.js";
import type { CombinationsAsked, KnownBatch, KnownCombination, ReadModel } from "./read-model.js";
import { hasChoices, isComplete, isFinished, isInState, knownBatch, knownCombination } from "./status.js";

const RETRY_MS = 1000;

/** Calls wait this long for the read model to catch up. */
const PATIENCE_MS = 5000;

interface FollowDeps {
  readonly stream: EventStream;
  readonly log: Log;
}

/** The read model, in memory: built from the whole stream at start, and kept up with it. */
export class Projection implements ReadModel, Running {
  readonly #records = new Map<string, BatchRecord>();
  readonly #waiting = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #completed: (batch: KnownBatch) => void;
  #following: Promise<void> = Promise.resolve();
  #knowsPast = () => {};
  /** Resolves when the past is known. */
  readonly caughtUp = new Promise<void>((resolve) => {
    this.#knowsPast = resolve;
  });
  #sequence = 0;
  /** The stream's last fact at start; unknown until it has answered. */
  #past: number | undefined;

  /** `completed` is called with batches that are complete, and not said to be finished yet; after the past is known. */
  constructor(completed: (batch: KnownBatch) => void) {
    this.#completed = completed;
  }

  start(deps: FollowDeps): void {
    this.#following = this.#follow(deps);
  }

  async batch(batchId: string): Promise<KnownBatch | undefined> {
    const record = this.#records.get(batchId);
    return record?.submitted && knownBatch(record);
  }

  async combination(batchId: string, combinationId: string): Promise<KnownCombination | undefined> {
    const record = this.#records.get(batchId)?.combinations.byId.get(combinationId);
    return record && knownCombination(record);
  }

  async combinations(batchId: string, asked: CombinationsAsked): Promise<KnownCombination[]> {
    const byOrdinal = this.#records.get(batchId)?.combinations.byOrdinal ?? [];
    const found: KnownCombination[] = [];
    for (let ordinal = asked.from; ordinal < byOrdinal.length && found.length < asked.limit; ordinal++) {
      const record = byOrdinal[ordinal];
      if (record && isInState(record, asked.state) && hasChoices(record, asked.choices)) {
        found.push(knownCombination(record));
      }
    }
    return found;
  }

  get ready(): boolean {
    return this.#past !== undefined && this.#sequence >= this.#past;
  }

  async reached(sequence: number): Promise<void> {
    const there = () => this.ready && this.#sequence >= sequence;
    if (there()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!there()) return;
        done();
        resolve();
      };
      const timer = setTimeout(() => {
        done();
        reject(
          new PolyreelError("unavailable", {
            reason: "The gateway has not caught up with the event stream.",
            remedy: "Try again in a moment.",
          }),
        );
      }, PATIENCE_MS);
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #follow(deps: FollowDeps): Promise<void> {
    const { signal } = this.#stop;
    const past = await lastSequence(deps, signal);
    if (past === undefined) return;
    this.#past = past;
    this.#advance(0);
    for await (const told of followFacts(deps.stream, { subject: STREAM_SUBJECTS, afterSequence: 0, signal })) {
      const record = this.#records.get(told.batchId) ?? newBatchRecord(told.batchId);
      this.#records.set(told.batchId, record);
      apply(record, told);
      const wasReady = this.ready;
      // With nothing left to come the past is known, even if its newest messages are gone or no facts.
      this.#advance(wasReady || told.pending > 0 ? told.sequence : Math.max(told.sequence, past));
      if (this.ready) for (const changed of wasReady ? [record] : this.#records.values()) this.#tell(changed);
    }
  }

  /** Few batches are complete, and many facts come: only then it is worth saying what is known. */
  #tell(record: BatchRecord): void {
    if (record.submitted && !isFinished(record) && isComplete(record)) {
      this.#completed(knownBatch(record));
    }
  }

  #advance(sequence: number): void {
    this.#sequence = sequence;
    if (this.ready) this.#knowsPast();
    for (const look of [...this.#waiting]) look();
  }
}

/** Position of the stream's newest message, 0 where it holds none; asked until it answers, or the signal aborts. */
async function lastSequence({ stream, log }: FollowDeps, signal: AbortSignal): Promise<number | undefined> {
  while (!signal.aborted) {
    try {
      const { state } = await stream.manager.streams.info(STREAM);
      return state.messages > 0 ? state.last_seq : 0;
    } catch (error) {
      log.warn({ err: error }, "the event stream does not answer; asking again in a moment");
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}
