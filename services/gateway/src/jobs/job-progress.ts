import { ProgressSchema, progressSubject } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { type EventStream, lastFact, listen } from "@polyreel/platform/stream";
import { LRUCache } from "lru-cache";
import type { ReadModel } from "../read-model/read-model.js";
import { isLive } from "../read-model/status.js";
import type { JobNews } from "./job-news.js";
import type { Job } from "./job-state.js";
import { jobOfRequestId } from "./job-subjects.js";

interface Deps {
  readonly stream: EventStream;
  readonly model: ReadModel;
  readonly news: JobNews;
  readonly log: Log;
}

/** Batches that are remembered, jobs or not. */
const MAX_BATCHES = 10_000;
/** Between two messages about a job. */
const EVERY_MS = 1000;

interface Remembered {
  readonly job: Job | undefined;
  percent: number;
  publishedAt: number;
}

/**
 * Publishes the progress of jobs while services work on their batches, each at most once a second. Of several gateways
 * one handles each of the services' messages, so nothing has to be agreed on or survive: progress may be lost.
 */
export class JobProgress implements Running {
  readonly #known = new LRUCache<string, Remembered>({ max: MAX_BATCHES });
  readonly #looking = new Set<string>();
  readonly #stopListening: () => void;

  constructor(private readonly deps: Deps) {
    const hear = ({ batchId }: { batchId: string }) => void this.#hear(batchId);
    this.#stopListening = listen(deps.stream.connection, progressSubject("*"), ProgressSchema, hear, "polyreel-jobs");
  }

  async close(): Promise<void> {
    this.#stopListening();
  }

  async #hear(batchId: string): Promise<void> {
    const known = this.#known.get(batchId);
    if (known && (!known.job || Date.now() - known.publishedAt < EVERY_MS)) return;
    if (this.#looking.has(batchId) || this.#looking.size >= 100) return;
    this.#looking.add(batchId);
    try {
      await this.#report(batchId, known ?? (await this.#lookUp(batchId)));
    } catch (error) {
      this.deps.log.debug({ err: error, batch: batchId }, "a job's progress was not published");
    } finally {
      this.#looking.delete(batchId);
    }
  }

  async #lookUp(batchId: string): Promise<Remembered> {
    const submitted = await lastFact(this.deps.stream, "batch.submitted", batchId);
    const jobId = submitted && jobOfRequestId(submitted.fact.requestId);
    const job = jobId === undefined ? undefined : { jobId, tenant: submitted?.fact.tenant ?? "" };
    const remembered = { job, percent: 0, publishedAt: 0 };
    this.#known.set(batchId, remembered);
    return remembered;
  }

  async #report(batchId: string, remembered: Remembered): Promise<void> {
    const { job } = remembered;
    if (!job) return;
    remembered.publishedAt = Date.now();
    const known = await this.deps.model.batch(batchId, { tenant: job.tenant });
    if (known && isLive(known.status.state)) await this.deps.news.publishStatus(job, known.status);
  }
}
