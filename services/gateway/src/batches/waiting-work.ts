import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  BatchState,
  type BatchStatus,
  type Progress,
  ProgressSchema,
  progressSubject,
  type TryingAgain,
} from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import type { EventStream } from "@polyreel/platform/stream";
import { listen } from "@polyreel/platform/stream";
import { LRUCache } from "lru-cache";
import { isLive } from "../read-model/status.js";

/** A retry that is overdue by this without a report no longer counts as pending. */
const GRACE_MS = 5_000;
const SWEEP_MS = 10_000;
/** Per batch: beyond it the count stays. */
const MAX_PER_BATCH = 10_000;

interface Wait {
  readonly stage: Progress["stage"];
  readonly next: TryingAgain;
  /** In milliseconds since 1970. */
  readonly nextAt: number;
}

/** Limit for cached fractions of all batches together. */
const MAX_FRACTIONS = 20_000;
/** Services report progress several times a second: an older fraction belongs to a stopped process. */
const FRACTION_MS = 30_000;

/** Progress of a step, as last reported by its service. */
export interface StepProgress {
  /** 0 to 1; undefined if it is not in progress. */
  readonly fraction?: number | undefined;
  readonly tryingAgain?: TryingAgain | undefined;
}

/**
 * Work in progress and pending retries of each batch, as announced by services: not in the stream, so a gateway knows
 * only what was announced since it started. Every pending retry is announced again with each attempt, at most half a
 * minute apart.
 */
export class WaitingWork implements Running {
  readonly #batches = new Map<string, Map<string, Wait>>();
  readonly #fractions = new LRUCache<string, number>({ max: MAX_FRACTIONS, ttl: FRACTION_MS });
  readonly #stopListening: () => void;
  readonly #sweeper: NodeJS.Timeout;

  constructor(stream: EventStream) {
    this.#stopListening = listen(stream.connection, progressSubject("*"), ProgressSchema, (progress) =>
      this.#take(progress),
    );
    this.#sweeper = setInterval(() => this.#sweep(Date.now()), SWEEP_MS).unref();
  }

  /** A batch's status with its pending retries. */
  shown(status: BatchStatus, now = Date.now()): BatchStatus {
    if (!isLive(status.state) && status.state !== BatchState.DELETING) return status;
    const waits = [...(this.#batches.get(status.batchId)?.values() ?? [])].filter(
      (wait) => wait.nextAt + GRACE_MS > now,
    );
    const [first] = waits.sort((a, b) => a.nextAt - b.nextAt);
    if (!first) return status;
    const { stage, next } = first;
    return { ...status, waiting: { $typeName: "polyreel.v1.Waiting", count: BigInt(waits.length), stage, next } };
  }

  /** Progress of a batch's step: both undefined if it is queued or done. */
  progressOf(batchId: string, { stage, id }: Pick<Progress, "stage" | "id">, now = Date.now()): StepProgress {
    const key = keyOf({ stage, id });
    const wait = this.#batches.get(batchId)?.get(key);
    if (wait && wait.nextAt + GRACE_MS > now) return { tryingAgain: wait.next };
    return { fraction: this.#fractions.get(`${batchId} ${key}`) };
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#stopListening();
  }

  #take({ batchId, stage, id, fraction, tryingAgain: next }: Progress): void {
    const key = keyOf({ stage, id });
    const waits = this.#batches.get(batchId) ?? new Map<string, Wait>();
    if (!next?.nextAt) {
      waits.delete(key); // It is in progress.
      this.#fractions.set(`${batchId} ${key}`, Math.min(1, Math.max(0, fraction)) || 0);
      return;
    }
    this.#fractions.delete(`${batchId} ${key}`);
    if (waits.size >= MAX_PER_BATCH && !waits.has(key)) return;
    this.#batches.set(batchId, waits.set(key, { stage, next, nextAt: timestampMs(next.nextAt) }));
  }

  #sweep(now: number): void {
    for (const [batchId, waits] of this.#batches) {
      for (const [key, { nextAt }] of waits) if (nextAt + GRACE_MS <= now) waits.delete(key);
      if (waits.size === 0) this.#batches.delete(batchId);
    }
  }
}

const keyOf = ({ stage, id }: Pick<Progress, "stage" | "id">): string => `${stage} ${id}`;
