import type { PartIndex } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import { PolyreelError, type Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream, Publisher } from "@polyreel/platform/stream";
import { briefStep } from "@polyreel/platform/telemetry";
import type { PartRef } from "../kinds/media-ref.js";
import { labelOf } from "../kinds/part-kinds.js";
import type { PartStore } from "../part-store.js";
import { type AwaitedPart, PartBoard } from "./part-board.js";
import { PartRequests } from "./part-requests.js";
import { RemadeParts } from "./remade-parts.js";

/** The work that needs parts. */
interface Needing {
  readonly batchId: string;
  /** Failures of earlier attempts are ignored. */
  readonly attempt: number;
}

/** Work that waits for parts requested by the planner. */
export interface Waiting extends Needing {
  /** It was planned again because a part was lost: missing parts are requested again. */
  readonly again: boolean;
  /** Only parts made after this position of the stream count; 0: all existing parts. */
  readonly madeAfter: number;
}

/** A part that is lost more often while work waits for it has another cause. */
const MAX_LOSSES = 3;

interface Waiter {
  readonly signal: AbortSignal;
  /** Waits without occupying a slot. */
  wait<T>(waiting: () => Promise<T>): Promise<T>;
}

interface Deps {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly batches: LiveBatches;
  readonly log: Log;
}

/**
 * Waits for parts that may not exist yet, and requests lost parts again. The planner requests each part of a batch once;
 * parts that vanished or were damaged since are requested here.
 */
export class AwaitedParts implements Running {
  readonly #board: PartBoard;
  readonly #requests: PartRequests;
  readonly #remade: RemadeParts;

  constructor({ stream, publisher, batches, log }: Deps) {
    this.#board = new PartBoard(stream, batches, log);
    this.#requests = new PartRequests(stream, publisher, batches);
    this.#remade = new RemadeParts(stream, batches, (hash) => this.#board.wake(hash));
  }

  /**
   * Resolves when the parts exist. Rejects with the failure of one of them, mapped by `blame`, or with the signal's reason.
   * A part that this process has seen counts as existing: if it is gone, reading its bytes fails and the work is planned
   * again.
   */
  async exist(
    parts: PartStore,
    needed: readonly PartRef[],
    { batchId, attempt, again, madeAfter }: Waiting,
    { signal, wait }: Waiter,
    blame: (error: unknown, part: PartRef) => unknown,
  ): Promise<void> {
    const exists = async (part: AwaitedPart) => {
      if (madeAfter > 0) return this.#remade.has(part, madeAfter);
      if (again) return parts.has(part.kind, part.hash);
      // One request for all that wait; their work reads the index next.
      return parts.knows(part.kind, part.hash) || parts.existed(part.kind, part.hash);
    };
    const awaited = needed.map((part) => ({ batchId, attempt, ...part }));
    const present = await Promise.all(awaited.map(exists));
    const missing = awaited.filter((_, i) => !present[i]);
    if (missing.length === 0) return;
    const waiting = async () => {
      if (again && madeAfter === 0) await Promise.all(missing.map((part) => this.#requests.again(part)));
      const madeOrLost = madeAfter > 0 ? exists : (part: AwaitedPart) => this.#existsOrRequested(part, exists);
      for (const part of awaited) {
        await this.#board
          .waitUntil(() => madeOrLost(part), part, signal)
          .catch((error: unknown) => {
            throw blame(error, part);
          });
      }
    };
    await wait(() => briefStep("wait for parts", waiting));
  }

  /** Whether it exists. If it was announced as ready, and is missing afterwards, it was lost in between: requests it again. */
  async #existsOrRequested(part: AwaitedPart, exists: (part: AwaitedPart) => Promise<boolean>): Promise<boolean> {
    const announcedIn = this.#board.announcedIn(part);
    if (await exists(part)) return true;
    const attempt = Math.max(1, part.attempt);
    if (announcedIn >= attempt && announcedIn < attempt + MAX_LOSSES) {
      await this.#requests.again({ ...part, attempt: announcedIn + 1 });
    }
    return false;
  }

  /** Requests missing parts again and resolves when all exist: for parts that were made before. */
  async restore(
    parts: PartStore,
    needed: readonly PartRef[],
    { batchId, attempt }: Needing,
    { signal, wait }: Waiter,
  ): Promise<void> {
    for (const { kind, hash } of needed) {
      if (await parts.has(kind, hash)) continue;
      const lost = { batchId, kind, hash, attempt: Math.max(1, attempt) + 1 };
      const waiting = async () => {
        await this.#requests.again(lost);
        await this.#board.wait(parts, lost, signal);
      };
      await wait(() => briefStep("wait for parts", waiting));
    }
  }

  /** The index of a part that existed. If it was lost or damaged since, requests it again and throws `unavailable`. */
  async index(parts: PartStore, { kind, hash }: PartRef, { batchId, attempt }: Needing): Promise<PartIndex> {
    const index = await parts.index(kind, hash);
    if (index) return index;
    await this.#requests.again({ batchId, kind, hash, attempt: attempt + 1 });
    throw new PolyreelError("unavailable", `A ${labelOf(kind)} is missing from the store.`, { outage: false });
  }

  async close(): Promise<void> {
    await Promise.all([this.#board.close(), this.#remade.close()]);
  }
}
