import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  BatchState,
  type BatchStatus,
  type Progress,
  ProgressSchema,
  progressSubject,
  type TryingAgain,
} from "@polyreel/contract";
import type { Running } from "@polyreel/platform/lifecycle.js";
import { listen } from "@polyreel/platform/nats/listen.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
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

/**
 * What waits to be tried again in each batch, as services announce it: not in the stream, so that it is known to a gateway
 * only since it runs. Every wait is announced anew with each try, half a minute apart at most.
 */
export class WaitingWork implements Running {
  readonly #batches = new Map<string, Map<string, Wait>>();
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

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#stopListening();
  }

  #take({ batchId, stage, id, tryingAgain: next }: Progress): void {
    const key = `${stage} ${id}`;
    const waits = this.#batches.get(batchId) ?? new Map<string, Wait>();
    if (!next?.nextAt) {
      waits.delete(key); // it is worked
      return;
    }
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
