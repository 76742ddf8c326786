import { type BatchStatus, CombinationState, type CombinationStatus } from "@polyreel/contract";
import { type EventStream, sendToClients } from "@polyreel/platform/stream";
import { BY_ORDINAL } from "../read-model/combination-order.js";
import type { ReadModel } from "../read-model/read-model.js";
import { isLive } from "../read-model/status.js";
import { type Job, type JobState, jobInProgress, jobOutcome, MAX_OUTPUTS } from "./job-state.js";
import { jobProgressSubject } from "./job-subjects.js";

interface Deps {
  readonly stream: EventStream;
  readonly model: ReadModel;
}

/** Publishes the states of jobs, for the clients that listen. */
export class JobNews {
  readonly #encoder = new TextEncoder();

  constructor(private readonly deps: Deps) {}

  /** Resolves when the server has it. */
  publish(tenant: string | undefined, state: JobState): Promise<void> {
    return this.#send(jobProgressSubject(tenant, state.job_id), state);
  }

  /** Publishes a refusal where no client of a job listens. */
  publishRefusal(tenant: string | undefined, state: JobState): Promise<void> {
    return this.#send(jobProgressSubject(tenant, undefined), state);
  }

  /** Publishes the present state of a job's batch: its progress, or its outcome. */
  async publishStatus({ jobId, tenant }: Job, status: BatchStatus): Promise<void> {
    const state = isLive(status.state) ? jobInProgress(jobId, status) : await this.#outcome(jobId, tenant, status);
    await this.publish(tenant, state);
  }

  async #outcome(jobId: string, tenant: string, status: BatchStatus): Promise<JobState> {
    const delivered = await this.#combinations(status.batchId, tenant, CombinationState.DELIVERED, MAX_OUTPUTS);
    const failed = await this.#combinations(status.batchId, tenant, CombinationState.FAILED, 1);
    return jobOutcome(jobId, status, delivered, failed);
  }

  async #combinations(
    batchId: string,
    tenant: string,
    state: CombinationState,
    limit: number,
  ): Promise<CombinationStatus[]> {
    const query = { scope: { tenant }, state, choices: [], order: BY_ORDINAL, after: undefined, limit };
    return (await this.deps.model.combinations(batchId, query)).map((one) => one.status);
  }

  #send(subject: string, state: JobState): Promise<void> {
    return sendToClients(this.deps.stream, subject, this.#encoder.encode(JSON.stringify(state)));
  }
}
