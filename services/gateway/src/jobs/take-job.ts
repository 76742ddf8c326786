import { create, fromBinary } from "@bufbuild/protobuf";
import { BatchSchema, type BatchStatus, type SubmitBatchRequest, SubmitBatchRequestSchema } from "@polyreel/contract";
import type { QueuedMessage } from "@polyreel/pipeline";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { AuditLog } from "../audit/audit-log.js";
import type { Call } from "../call/call.js";
import { isLive } from "../read-model/status.js";
import { statusName, toConnectError } from "../server/errors.js";
import type { JobInputs } from "./job-inputs.js";
import type { JobNews } from "./job-news.js";
import { refusedJob } from "./job-state.js";
import { requestIdOfJob, tenantOfJobs } from "./job-subjects.js";
import type { LiveJobs } from "./live-jobs.js";
import type { Found, ReadJob } from "./read/job.js";
import type { JobThread } from "./read/job-thread.js";
import type { RejectedJobs } from "./rejected-jobs.js";

export interface TakeJobDeps {
  readonly thread: Pick<JobThread, "read">;
  readonly inputs: Pick<JobInputs, "find">;
  readonly live: Pick<LiveJobs, "add">;
  readonly news: Pick<JobNews, "publish" | "publishStatus" | "publishRefusal">;
  readonly rejected: Pick<RejectedJobs, "keep">;
  readonly submit: (request: SubmitBatchRequest, call: Call) => Promise<BatchStatus>;
  readonly audit: Pick<AuditLog, "assertRecordable" | "record">;
  readonly log: Log;
}

/** Attempts at a job that meets an error of ours. */
const MAX_INTERNAL = 5;

/**
 * Takes a job: submits its batch and publishes its state. Idempotent: the batch is found by the job's id, so a repeated
 * message is answered with the present state of the same batch. What can never become a batch is answered and kept.
 * Throws what may succeed later.
 */
export function takeJob(deps: TakeJobDeps, output: string) {
  return async (message: QueuedMessage, signal: AbortSignal): Promise<void> => {
    const tenant = tenantOfJobs(message.subject);
    if (tenant === undefined) {
      return reject(deps, message, undefined, undefined, new PolyreelError("invalid", "The subject names no tenant."));
    }
    let jobId: string | undefined;
    try {
      const job = await read(deps, message.payload, { tenant, output }, signal);
      jobId = job.jobId;
      if (job.kind === "refused") {
        const { field, block, choice, reason, remedy } = job.failure;
        throw new PolyreelError("invalid", { field, block, choice, reason, remedy });
      }
      deps.audit.assertRecordable();
      const batch = fromBinary(BatchSchema, job.batch);
      const request = create(SubmitBatchRequestSchema, { batch, requestId: requestIdOfJob(job.jobId) });
      const status = await deps.submit(request, { principal: { kind: "local" }, scope: { tenant }, signal });
      if (isLive(status.state) && !status.approve) deps.live.add(status.batchId, tenant);
      await deps.news.publishStatus({ jobId: job.jobId, tenant }, status);
      // Not before: the status would come after newer ones. Unrecorded, the message is delivered again.
      await deps.audit.record({
        ...ofBroker(tenant, jobId),
        object: { kind: "batch", id: status.batchId },
        outcome: "ok",
      });
    } catch (thrown) {
      const error = toPolyreelError(thrown);
      if (signal.aborted || mayWork(error, message.deliveries)) throw thrown;
      await reject(deps, message, tenant, jobId, error);
    }
  };
}

/** The broker knows who published a job; the gateway does not. */
const ofBroker = (tenant: string, jobId = "") => ({
  tenant,
  principal: { kind: "broker" },
  action: "job",
  requestId: jobId,
});

/** Reads a job whose keys are found. */
async function read(
  { thread, inputs }: TakeJobDeps,
  bytes: Uint8Array,
  place: { readonly tenant: string; readonly output: string },
  signal: AbortSignal,
): Promise<Exclude<ReadJob, { kind: "keys" }>> {
  const first = await thread.read({ bytes, ...place, found: new Map() });
  if (first.kind !== "keys") return first;
  const found = new Map<string, Found>();
  for (const key of first.keys) found.set(key, await inputs.find(key, place.tenant, signal));
  const second = await thread.read({ bytes, ...place, found });
  if (second.kind !== "keys") return second;
  throw new Error("A key was not looked for.");
}

/** A limit that names a field is one of the job itself. */
const mayWork = ({ code, failure }: PolyreelError, deliveries: number): boolean =>
  code === "unavailable" ||
  code === "cancelled" ||
  (code === "exhausted" && failure.field === "") ||
  (code === "internal" && deliveries < MAX_INTERNAL);

/**
 * Answers a message that is no job, and keeps it. Another job under an id that was used is not answered under that id,
 * where clients of the first one listen.
 */
async function reject(
  { news, rejected, audit, log }: TakeJobDeps,
  { subject, payload }: QueuedMessage,
  tenant: string | undefined,
  jobId: string | undefined,
  error: PolyreelError,
): Promise<void> {
  const { reason } = error.failure;
  log[error.code === "internal" ? "error" : "info"]({ err: error, subject, job: jobId }, "a job was refused");
  await rejected.keep(payload, { subject, reason });
  const state = refusedJob(jobId, error);
  if (error.code === "conflict") await news.publishRefusal(tenant, state);
  else await news.publish(tenant, state);
  const outcome = statusName(toConnectError(error)).toLowerCase();
  await audit.record({ ...ofBroker(tenant ?? "", jobId), outcome, reason });
}
