import { setTimeout as delay } from "node:timers/promises";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import type { Running } from "@polyreel/platform/lifecycle.js";
import type { Log } from "@polyreel/platform/log.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { Telemetry } from "@polyreel/platform/telemetry/telemetry.js";
import type { BatchRecord } from "./read-model/batch-record.js";
import { isComplete } from "./read-model/status.js";

const RETRY_MS = { first: 500, most: 30_000 };

/**
 * Says that a batch is finished: when every combination is delivered or failed, or it was cancelled. The stream takes that
 * fact once, so that any number of gateways may say it. Tries until the stream has it.
 */
export class Finisher implements Running {
  readonly #said = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(private readonly deps: { publisher: Publisher; telemetry: Telemetry; log: Log }) {}

  /** To be called whenever something new is known of a batch. */
  look(batch: BatchRecord): void {
    if (!batch.submitted || batch.finishedSequence !== undefined || this.#said.has(batch.id)) return;
    if (isComplete(batch)) this.#said.set(batch.id, this.#finish(batch));
    // Kept even when said: the fact needs a moment to come round.
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#said.values());
  }

  async #finish(batch: BatchRecord): Promise<void> {
    const { signal } = this.#stop;
    for (let wait = RETRY_MS.first; !signal.aborted; wait = Math.min(wait * 2, RETRY_MS.most)) {
      try {
        await this.#say(batch);
        return;
      } catch (error) {
        this.deps.log.warn({ err: error, batch: batch.id }, "could not say that a batch is finished; trying again");
        await delay(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
      }
    }
  }

  async #say({ id, traceparent, combinations: { delivered, failed } }: BatchRecord): Promise<void> {
    await this.deps.telemetry.span("finish batch", { parent: traceparent || null }, () =>
      this.deps.publisher.publishOnce("batch.finished", {
        batchId: id,
        delivered: BigInt(delivered),
        failed: BigInt(failed),
        time: timestampNow(),
      }),
    );
  }
}
