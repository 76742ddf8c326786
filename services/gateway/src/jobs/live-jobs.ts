import { EventEmitter, once } from "node:events";
import type { LiveBatches } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { type EventStream, followMessages } from "@polyreel/platform/stream";
import { jobOfRequestId } from "./job-subjects.js";

/**
 * Batches of jobs that have not ended, of each tenant: bounded, because each live batch costs every service something. Of
 * batches that wait for an approval, only people know how long they stay, so they do not count. From the stream, so all
 * gateways agree; each counts what it accepts itself at once.
 */
export class LiveJobs extends EventEmitter<{ ended: [] }> implements Running {
  readonly #tenants = new Map<string, Set<string>>();
  readonly #tenantOf = new Map<string, string>();
  readonly #taken = new Map<string, number>();
  readonly #stop = new AbortController();
  #following: Promise<void> = Promise.resolve();
  readonly #onEnded = (batchId: string) => this.#remove(batchId);

  private constructor(
    private readonly stream: EventStream,
    private readonly batches: LiveBatches,
    private readonly limit: number,
  ) {
    super();
    this.setMaxListeners(0);
    batches.on("ended", this.#onEnded);
  }

  /** Resolves when it has caught up with the stream. */
  static async follow(stream: EventStream, batches: LiveBatches, limit: number): Promise<LiveJobs> {
    const jobs = new LiveJobs(stream, batches, limit);
    await new Promise<void>((caughtUp) => {
      jobs.#following = jobs.#follow(caughtUp);
    });
    return jobs;
  }

  /** Waits until a tenant may have one more; resolves with a function that ends the reservation. */
  async seat(tenant: string, signal: AbortSignal): Promise<() => void> {
    while (this.#count(tenant) >= this.limit) await once(this, "ended", { signal });
    signal.throwIfAborted();
    this.#taken.set(tenant, (this.#taken.get(tenant) ?? 0) + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#taken.set(tenant, (this.#taken.get(tenant) ?? 1) - 1);
      this.emit("ended");
    };
  }

  add(batchId: string, tenant: string): void {
    if (this.batches.isOver(batchId, 0) || this.#tenantOf.has(batchId)) return;
    this.#tenantOf.set(batchId, tenant);
    this.#tenants.set(tenant, (this.#tenants.get(tenant) ?? new Set()).add(batchId));
  }

  async close(): Promise<void> {
    this.batches.off("ended", this.#onEnded);
    this.#stop.abort();
    await this.#following;
  }

  #count(tenant: string): number {
    return (this.#tenants.get(tenant)?.size ?? 0) + (this.#taken.get(tenant) ?? 0);
  }

  #remove(batchId: string): void {
    const tenant = this.#tenantOf.get(batchId);
    if (tenant === undefined) return;
    this.#tenantOf.delete(batchId);
    this.#tenants.get(tenant)?.delete(batchId);
    this.emit("ended");
  }

  async #follow(caughtUp: () => void): Promise<void> {
    const { signal } = this.#stop;
    const subject = "polyreel.batch.submitted.*";
    for await (const message of followMessages(this.stream, { subject, signal })) {
      if (message.name === "batch.submitted") {
        const { requestId, tenant, approve } = message.fact;
        if (jobOfRequestId(requestId) !== undefined && !approve) this.add(message.batchId, tenant);
      }
      if (message.pending === 0) caughtUp();
    }
  }
}
