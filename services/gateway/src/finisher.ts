import { timestampNow } from "@bufbuild/protobuf/wkt";
import { BatchState } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import { delayAfter, retryUnlessAborted, spread } from "@polyreel/platform/flow";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream, Publisher } from "@polyreel/platform/stream";
import { lastFact, lastPosition } from "@polyreel/platform/stream";
import type { Telemetry } from "@polyreel/platform/telemetry";
import { awaitRelease } from "./await-release.js";
import type { KnownBatch } from "./read-model/read-model.js";

const BACK_OFF = { firstMs: 500, longestMs: 30_000 };

interface FinisherDeps {
  readonly stream: EventStream;
  readonly publisher: Publisher;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** What is known of a batch, including the fact at that position. */
  readonly known: (batchId: string, sequence: number) => Promise<KnownBatch>;
}

/**
 * Publishes that a batch is finished: when every combination has ended, or it was cancelled. The stream accepts that
 * fact once per run, so any number of gateways may publish it. Retries until the stream has it. A cancelled batch is
 * finished when nobody works on it any more: a video may just have been delivered.
 */
export class Finisher implements Running {
  readonly #published = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(private readonly deps: FinisherDeps) {}

  /** May be called any number of times when a batch is complete and its end is not published. */
  completed(batch: KnownBatch): void {
    // The generation distinguishes a batch from a deleted one with the same id.
    const key = `${batch.status.batchId} ${batch.generation || batch.traceparent} ${batch.run}`;
    // Kept after publishing: the fact takes a moment to arrive.
    if (!this.#published.has(key)) this.#published.set(key, this.#finish(batch));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#published.values());
  }

  async #finish(batch: KnownBatch): Promise<void> {
    const onFailure = (error: unknown, failed: number) => {
      const about = { err: error, batch: batch.status.batchId };
      this.deps.log.warn(about, "could not publish that a batch is finished; retrying");
      return spread(delayAfter(failed, BACK_OFF), Math.random(), 1.5);
    };
    await retryUnlessAborted(() => this.#publish(batch), onFailure, this.#stop.signal);
  }

  async #publish(complete: KnownBatch): Promise<void> {
    const { traceparent, run, generation } = complete;
    const { batchId, state } = complete.status;
    const before = await lastFact(this.deps.stream, "batch.finished", batchId);
    const isOwn = before && (before.generation === 0 || before.generation === generation);
    if (isOwn && Math.max(1, before.fact.run) >= run) return;
    const { status } = state === BatchState.CANCELLED ? await this.#letGo(batchId) : complete;
    const { combinations } = status;
    // A later run has a trace of its own.
    const resumed = run > 1 ? await lastFact(this.deps.stream, "batch.resumed", batchId) : undefined;
    const parent = resumed?.traceparent || traceparent || null;
    const attributes = { "polyreel.batch.id": batchId, "polyreel.run": run };
    await this.deps.telemetry.span("finish batch", { parent, attributes }, () =>
      this.deps.publisher.publishAfter(
        "batch.finished",
        {
          batchId,
          run,
          delivered: combinations?.delivered ?? 0n,
          failed: combinations?.failed ?? 0n,
          rejected: combinations?.rejected ?? 0n,
          time: timestampNow(),
        },
        { last: before?.sequence ?? 0, id: String(run), generation },
      ),
    );
  }

  async #letGo(batchId: string): Promise<KnownBatch> {
    const { stream, known } = this.deps;
    await awaitRelease(stream, batchId, this.#stop.signal);
    return known(batchId, await lastPosition(stream, batchId));
  }
}
