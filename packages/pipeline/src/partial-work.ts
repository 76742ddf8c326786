import type { FactName } from "@polyreel/contract";
import { type PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import type { Work } from "./stage.js";

/** Messages at work, or that failed and are tried again. Of one that is let go the stream tells what was published. */
const MAX_KEPT = 10_000;

/** A piece of a message's work that succeeds or fails by itself. */
export interface Piece {
  /** Unique in the message. */
  readonly number: number;
  readonly work: () => Promise<void>;
}

/**
 * Work of one message that has pieces: a piece that fails for good fails alone, and one that may succeed later is tried again
 * with the message, without those that are done, by whichever process.
 */
export class PartialWork<N extends FactName> {
  /** Numbers of the pieces that are done, by message. */
  readonly #done = new Map<string, Set<number>>();

  /** `publishedBefore`: numbers of the pieces of which the stream has what became of them. */
  constructor(private readonly publishedBefore: (told: FactMessage<N>) => Promise<Iterable<number>>) {}

  /**
   * Does all pieces at the same time; where the message was handed out before, the stream is asked outside the slot. `fail`
   * reports a piece that failed for good; the failure of an only piece is thrown, as that of the message. Throws what a piece
   * failed with that may succeed later.
   */
  async run(
    told: FactMessage<N>,
    pieces: readonly Piece[],
    { again, signal, outsideSlot }: Pick<Work, "again" | "signal" | "outsideSlot">,
    fail: (piece: Piece, error: PolyreelError) => Promise<void>,
  ): Promise<void> {
    const done = again ? await outsideSlot(() => this.#recall(told)) : this.#keep(told, this.#known(told) ?? new Set());
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
    const ends = await Promise.allSettled(left.map(attempt));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    this.end(told);
  }

  /** Whether a piece is done, as far as this process knows. */
  isDone(told: FactMessage<N>, number: number): boolean {
    return this.#known(told)?.has(number) ?? false;
  }

  /** Those of the pieces that are not done, for whoever gives the message up. */
  async giveUp(told: FactMessage<N>, numbers: readonly number[]): Promise<number[]> {
    const done = await this.#recall(told);
    this.end(told);
    return numbers.filter((number) => !done.has(number));
  }

  /** The message is not tried again. */
  end(told: FactMessage<N>): void {
    this.#done.delete(keyOf(told));
  }

  async #recall(told: FactMessage<N>): Promise<Set<number>> {
    return this.#keep(told, this.#known(told) ?? new Set(await this.publishedBefore(told)));
  }

  #known = (told: FactMessage<N>): Set<number> | undefined => this.#done.get(keyOf(told));

  #keep(told: FactMessage<N>, done: Set<number>): Set<number> {
    const key = keyOf(told);
    this.#done.delete(key); // the newest last
    this.#done.set(key, done);
    const [oldest] = this.#done.keys();
    if (this.#done.size > MAX_KEPT && oldest !== undefined) this.#done.delete(oldest);
    return done;
  }
}

const keyOf = ({ batchId, sequence }: Pick<FactMessage, "batchId" | "sequence">): string => `${batchId} ${sequence}`;
