import { create } from "@bufbuild/protobuf";
import { BatchState, RetryBatchRequestSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { retryOf } from "../../rework/rework-calls.js";
import type { RestDeps } from "../deps.js";
import type { Job } from "../jobs/find-job.js";
import { mediaOfMetadataJob, metadataJobId } from "../jobs/job-name.js";
import { type JobProgress, jobProgress } from "../jobs/job-progress.js";
import { assertApplies, assertAvailable, METADATA, type OperationName, outputName } from "../jobs/operations.js";
import { fileFacts } from "../media/file-facts.js";
import { metadataContent } from "../media/metadata.js";
import type { RestParts } from "../rest-layer.js";
import { bodyOf, paramsOf, queryOf, type RestRequest, type Routes } from "../routes.js";
import { downloadResult, getJob, postJob, retryJob } from "../schemas/job-schemas.js";
import { sendContent } from "../send-content.js";

interface JobBody {
  readonly media_id?: string;
  readonly operations?: readonly OperationName[];
  readonly file_id?: string;
  readonly operation?: OperationName;
}

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
    if (mediaId) return metadataAnswer(deps, mediaId, call);
    const job = await jobs.find(job_id, call);
    return jobAnswer(job, await jobProgress(deps, job, call));
  });

  both("get", "/jobs/:job_id/download", { schema: downloadResult }, async (call) => {
    const { job_id } = paramsOf<{ job_id: string }>(call);
    const { operation } = queryOf<{ operation?: OperationName }>(call);
    const mediaId = mediaOfMetadataJob(job_id);
    if (mediaId) return sendContent(call, await metadataContent(mediaId, await fileFacts(deps, mediaId, call)));
    const job = await jobs.find(job_id, call);
    const progress = await jobProgress(deps, job, call);
    const wanted = operation ?? job.operations[0];
    const result = progress.results.find((one) => one.operation === wanted);
    if (!result || wanted === undefined) throw noSuchResult(job, wanted);
    if (wanted === METADATA)
      return sendContent(call, await metadataContent(job.mediaId, await fileFacts(deps, job.mediaId, call)));
    if (result.standing !== "completed" || progress.combinationId === undefined) throw notDone(job, result.error);
    const wantedOutput = { output: outputName(wanted) };
    return sendContent(call, await deps.outputs.find(job.id, progress.combinationId, call.scope, wantedOutput));
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

/** The new job's id. */
async function createJob(parts: RestParts, body: JobBody, call: RestRequest): Promise<string> {
  const { media_id, file_id } = body;
  if (media_id !== undefined && file_id !== undefined) throw twoFiles();
  const mediaId = media_id ?? file_id ?? "";
  const operations = media_id === undefined ? [body.operation].flatMap((one) => one ?? []) : (body.operations ?? []);
  const fieldOf = (i: number) => (media_id === undefined ? "operation" : `operations[${i}]`);
  operations.forEach((name, i) => {
    assertAvailable(name, fieldOf(i));
  });
  const facts = await fileFacts(parts.deps, mediaId, call);
  operations.forEach((name, i) => {
    assertApplies(name, facts, fieldOf(i));
  });
  if (operations.every((name) => name === METADATA)) return metadataJobId(mediaId);
  const title = operations.join(" ");
  const named = { kind: "media" as const, fileName: "", title, metadata: {} };
  return (await parts.submit({ ...named, mediaId, facts, operations }, call)).batchId;
}

function jobAnswer(job: Job, { percent, currentTask, results, error, startedAt, completedAt }: JobProgress) {
  const first = results.find(({ standing }) => standing === "completed");
  return {
    ...{ job_id: job.id, id: job.id, status: job.standing, progress: percent },
    ...{ operations: job.operations, media_id: job.mediaId, file_id: job.mediaId },
    videoId: job.kind === "video" ? job.id : null,
    currentTask: currentTask ?? null,
    startedAt: startedAt?.toISOString() ?? null,
    completedAt: completedAt?.toISOString() ?? null,
    error: error ?? null,
    result_path: first?.path || null,
    download_url: first ? `/jobs/${job.id}/download` : null,
  };
}

/** It needs no work: its file was read when it was uploaded. */
async function metadataAnswer(deps: RestDeps, mediaId: string, call: RestRequest) {
  await fileFacts(deps, mediaId, call);
  const id = metadataJobId(mediaId);
  return {
    ...{ job_id: id, id, status: "completed", progress: 100, operations: [METADATA] },
    ...{ media_id: mediaId, file_id: mediaId, videoId: null, currentTask: null, startedAt: null, completedAt: null },
    ...{ error: null, result_path: null, download_url: `/jobs/${id}/download` },
  };
}

const twoFiles = () =>
  new PolyreelError("invalid", {
    field: "file_id",
    reason: "The body names two files.",
    remedy: "Give media_id and operations, or file_id and operation.",
  });

const noSuchResult = ({ operations }: Job, operation = "") =>
  new PolyreelError("not_found", {
    field: "operation",
    reason: `The job has no operation ${operation}.`,
    remedy: `Its operations: ${operations.join(", ")}.`,
  });

const notDone = ({ id, standing }: Job, error: string | undefined): PolyreelError =>
  standing === "failed" || error !== undefined
    ? new PolyreelError("precondition", {
        reason: `There is no result: ${error ?? "the job failed."}`,
        remedy: `POST /jobs/${id}/retry tries again.`,
      })
    : new PolyreelError("precondition", {
        reason: `The job is ${standing}.`,
        remedy: `GET /jobs/${id} until it is completed.`,
      });

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
