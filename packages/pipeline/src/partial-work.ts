import type { FactName } from "@polyreel/contract";
import { type PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import type { Work } from "./stage.js";

/**
 * Limit of remembered messages, in progress or waiting for a retry. The stream has the published pieces of the others.
 */
const MAX_KEPT = 10_000;

/** A piece of a message's work that succeeds or fails independently. */
export interface Piece {
  /** Unique within the message. */
  readonly number: number;
  readonly work: () => Promise<void>;
}

/**
 * Work of one message that consists of pieces: a permanent failure fails only its piece; a retryable one retries the
 * message, in any process, without the pieces that are done.
 */
export class PartialWork<N extends FactName> {
  /** Numbers of the pieces that are done, by message. */
  readonly #done = new Map<string, Set<number>>();

  /** `publishedBefore`: numbers of the pieces whose outcome is in the stream. */
  constructor(private readonly publishedBefore: (message: FactMessage<N>) => Promise<Iterable<number>>) {}

  /**
   * Does all pieces concurrently; for a redelivered message the stream is read first, outside the slot. `fail` reports
   * a piece that failed permanently; the failure of a single piece is thrown, as that of the message. Throws retryable
   * failures.
   */
  async run(
    message: FactMessage<N>,
    pieces: readonly Piece[],
    { again, signal, outsideSlot }: Pick<Work, "again" | "signal" | "outsideSlot">,
    fail: (piece: Piece, error: PolyreelError) => Promise<void>,
  ): Promise<void> {
    const done = again
      ? await outsideSlot(() => this.#recall(message))
      : this.#keep(message, this.#known(message) ?? new Set());
    const attempt = async (piece: Piece) => {
      try {
        await piece.work();
      } catch (thrown) {
        const error = toPolyreelError(thrown);
        if (pieces.length === 1 || signal.aborted || error.code === "cancelled" || error.retryable) throw thrown;
        await fail(piece, error);
      }
      done.add(piece.number);
    };
    const left = pieces.filter(({ number }) => !done.has(number));
    const results = await Promise.allSettled(left.map(attempt));
    for (const result of results) if (result.status === "rejected") throw result.reason;
    this.end(message);
  }

  /** Whether a piece is done, as far as this process knows. */
  isDone(message: FactMessage<N>, number: number): boolean {
    return this.#known(message)?.has(number) ?? false;
  }

  /** Numbers of the pieces that are not done; ends the message. */
  async giveUp(message: FactMessage<N>, numbers: readonly number[]): Promise<number[]> {
    const done = await this.#recall(message);
    this.end(message);
    return numbers.filter((number) => !done.has(number));
  }

  /** Forgets the message: it is not retried. */
  end(message: FactMessage<N>): void {
    this.#done.delete(keyOf(message));
  }

  async #recall(message: FactMessage<N>): Promise<Set<number>> {
    return this.#keep(message, this.#known(message) ?? new Set(await this.publishedBefore(message)));
  }

  #known = (message: FactMessage<N>): Set<number> | undefined => this.#done.get(keyOf(message));

  #keep(message: FactMessage<N>, done: Set<number>): Set<number> {
    const key = keyOf(message);
    this.#done.delete(key); // Keeps the newest last.
    this.#done.set(key, done);
    const [oldest] = this.#done.keys();
    if (this.#done.size > MAX_KEPT && oldest !== undefined) this.#done.delete(oldest);
    return done;
  }
}

const keyOf = ({ batchId, sequence }: Pick<FactMessage, "batchId" | "sequence">): string => `${batchId} ${sequence}`;
