import { PolyreelError } from "@polyreel/platform";
import type { ServedFile } from "../../web/answer-bytes.js";
import type { RestDeps } from "../deps.js";
import { metadataContent } from "../media/metadata.js";
import { uploadedFile } from "../media/uploaded-file.js";
import type { RestCall } from "../rest-call.js";
import { resultFile } from "../send-content.js";
import type { Job } from "./find-job.js";
import { jobProgress } from "./job-progress.js";
import { METADATA, type OperationName, outputName } from "./operations.js";

/**
 * The result of a job's operation, by default of the first that has one. Throws PolyreelError `not_found` if it has no
 * such operation, `precondition` without a result.
 */
export async function resultContent(
  deps: RestDeps,
  job: Job,
  operation: OperationName | undefined,
  call: RestCall,
): Promise<ServedFile> {
  const { results, combinationId } = await jobProgress(deps, job, call);
  const first = results.find(({ standing }) => standing === "completed") ?? results[0];
  const result = operation === undefined ? first : results.find((one) => one.operation === operation);
  if (!result) throw noSuchResult(job, operation);
  if (result.operation === METADATA) return metadataContent(job.mediaId, await uploadedFile(deps, job.mediaId, call));
  if (result.standing !== "completed" || combinationId === undefined) throw notDone(job, result.error);
  const wantedOutput = { output: outputName(result.operation) };
  return resultFile(await deps.outputs.find(job.id, combinationId, call.scope, wantedOutput));
}

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
