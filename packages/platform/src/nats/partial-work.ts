import { type PolyreelError, toPolyreelError } from "../errors.js";
import type { Told } from "./follow.js";

/** Of messages that failed and are tried again; a lost entry means that work is done twice, which changes nothing. */
const MAX_KEPT = 10_000;

/** A piece of a message's work that succeeds or fails by itself. */
export interface Piece {
  /** Unique in the message. */
  readonly number: number;
  readonly work: () => Promise<void>;
}

/**
 * Work of one message that has several pieces: a piece that fails for good fails alone, and one that may succeed later is tried
 * again with the message, without those that are done.
 */
export class PartialWork {
  /** Numbers of the pieces that are done, by message. */
  readonly #done = new Map<string, Set<number>>();

  /**
   * Does all pieces at the same time. `fail` reports a piece that failed for good; the failure of an only piece is thrown, as
   * that of the message. Throws what a piece failed with that may succeed later.
   */
  async run(
    told: Pick<Told, "batchId" | "sequence">,
    pieces: readonly Piece[],
    fail: (piece: Piece, error: PolyreelError) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const [only] = pieces;
    if (only && pieces.length === 1) return only.work();
    const done = this.#of(told);
    const attempt = async (piece: Piece) => {
      try {
        await piece.work();
      } catch (thrown) {
        const error = toPolyreelError(thrown);
        if (signal.aborted || error.code === "cancelled" || error.retryable) throw thrown;
        await fail(piece, error);
      }
      done.add(piece.number);
    };
    const left = pieces.filter(({ number }) => !done.has(number));
    const ends = await Promise.allSettled(left.map(attempt));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    this.end(told);
  }

  /** Whether a piece is done, for whoever gives the message up. */
  isDone(told: Pick<Told, "batchId" | "sequence">, number: number): boolean {
    return this.#done.get(keyOf(told))?.has(number) ?? false;
  }

  /** The message is not tried again. */
  end(told: Pick<Told, "batchId" | "sequence">): void {
    this.#done.delete(keyOf(told));
  }

  #of(told: Pick<Told, "batchId" | "sequence">): Set<number> {
    const key = keyOf(told);
    const known = this.#done.get(key) ?? new Set<number>();
    this.#done.delete(key); // the newest last
    this.#done.set(key, known);
    const [oldest] = this.#done.keys();
    if (this.#done.size > MAX_KEPT && oldest !== undefined) this.#done.delete(oldest);
    return known;
  }
}

const keyOf = ({ batchId, sequence }: Pick<Told, "batchId" | "sequence">): string => `${batchId} ${sequence}`;
