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

/** What should have been tried again by then, and was not heard of, waits no more. */
const GRACE_MS = 5_000;
const SWEEP_MS = 10_000;
/** Of one batch: beyond it the count stays. */
const MAX_PER_BATCH = 10_000;

interface Wait {
  readonly stage: Progress["stage"];
  readonly next: TryingAgain;
  /** In milliseconds since 1970. */
  readonly nextAt: number;
}

/** Newest fractions that are kept, of all batches together. */
const MAX_FRACTIONS = 20_000;
/** Services report progress several times a second: a fraction that is older is that of a process that stopped. */
const FRACTION_MS = 30_000;

/** How far a step is, by its service's last report. */
export interface StepProgress {
  /** 0 to 1; undefined where it is not in progress. */
  readonly fraction?: number | undefined;
  readonly tryingAgain?: TryingAgain | undefined;
}

/**
 * What is in progress and what waits to be tried again in each batch, as services announce it: not in the stream, so that it
 * is known to a gateway only since it runs. Every wait is announced anew with each try, half a minute apart at most.
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

  /** A batch's status with what waits of it. */
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

  /** How far a step of a batch is: both undefined where it waits for its turn, or is done. */
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
      waits.delete(key); // it is worked
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
