import { create } from "@bufbuild/protobuf";
import { BatchState, RetryBatchRequestSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { retryOf } from "../../rework/rework-calls.js";
import { createJob, type JobBody } from "../jobs/create-job.js";
import type { Job } from "../jobs/find-job.js";
import { jobAnswer, metadataAnswer } from "../jobs/job-answer.js";
import { mediaOfMetadataJob } from "../jobs/job-name.js";
import { jobProgress } from "../jobs/job-progress.js";
import type { OperationName } from "../jobs/operations.js";
import { resultContent } from "../jobs/result-content.js";
import { metadataContent } from "../media/metadata.js";
import { uploadedFile } from "../media/uploaded-file.js";
import type { RestParts } from "../rest-layer.js";
import { bodyOf, paramsOf, queryOf, type Routes } from "../routes.js";
import { downloadResult, getJob, postJob, retryJob } from "../schemas/job-schemas.js";
import { sendContent } from "../send-content.js";

const MAX_RETRIES = 3;

/** Jobs, as all dialects have them: under the same paths, with the fields of each. */
export function jobRoutes({ at, both }: Routes, parts: RestParts): void {
  const { deps, jobs } = parts;

  both("post", "/jobs", { schema: postJob }, async (call) => {
    const id = await createJob(parts, bodyOf<JobBody>(call), call);
    return call.reply
      .code(202)
      .header("Location", `${call.request.url.split("?")[0]}/${id}`)
      .send({ job_id: id });
  });

  both("get", "/jobs/:job_id", { schema: getJob }, async (call) => {
    const { job_id } = paramsOf<{ job_id: string }>(call);
    const mediaId = mediaOfMetadataJob(job_id);
    if (mediaId) {
      await uploadedFile(deps, mediaId, call);
      return metadataAnswer(mediaId);
    }
    const job = await jobs.find(job_id, call);
    return jobAnswer(job, await jobProgress(deps, job, call));
  });

  both("get", "/jobs/:job_id/download", { schema: downloadResult }, async (call) => {
    const { job_id } = paramsOf<{ job_id: string }>(call);
    const { operation } = queryOf<{ operation?: OperationName }>(call);
    const mediaId = mediaOfMetadataJob(job_id);
    if (mediaId) return sendContent(call, metadataContent(mediaId, await uploadedFile(deps, mediaId, call)), deps.log);
    const job = await jobs.find(job_id, call);
    return sendContent(call, await resultContent(deps, job, operation, call), deps.log);
  });

  at("post", "/jobs/:job_id/retry", { schema: retryJob }, async (call) => {
    const { job_id } = paramsOf<{ job_id: string }>(call);
    const job = await jobs.find(job_id, call);
    const retries = job.batch.run - 1;
    if (job.batch.status.state === BatchState.CANCELLED || job.standing !== "failed") throw notFailed(job);
    if (retries >= MAX_RETRIES) throw noMoreRetries();
    // Two requests at the same time are one retry.
    const request = create(RetryBatchRequestSchema, { batchId: job.id, requestId: `rest-retry-${retries + 1}` });
    await parts.resume(retryOf(request), { ...call, principal: { kind: "local" } });
    return { id: job.id, status: "pending", retriedAt: new Date().toISOString() };
  });
}

const notFailed = ({ standing, batch }: Job) =>
  new PolyreelError("precondition", {
    reason:
      batch.status.state === BatchState.CANCELLED
        ? "The job was cancelled, which is final."
        : `The job is ${standing}: only failed ones are retried.`,
    remedy: "Create a new job to process the file again.",
  });

const noMoreRetries = () =>
  new PolyreelError("precondition", {
    reason: `The job was retried ${MAX_RETRIES} times already.`,
    remedy: "Create a new job.",
  });
