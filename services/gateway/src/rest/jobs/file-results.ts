import type { RestDeps } from "../deps.js";
import type { RestCall } from "../rest-call.js";
import type { Job, Jobs } from "./find-job.js";
import { namePrefix } from "./job-name.js";
import { type JobProgress, type JobResult, jobProgress } from "./job-progress.js";
import { type OperationName, qualityOf } from "./operations.js";

/** A result, and the job that made it. */
export interface FileResult extends JobResult {
  readonly job: Job;
}

/** Newest jobs that are looked at. */
const MAX_JOBS = 100;

/**
 * How far a video's own job is, with its results and the qualities that other jobs made of its file: clients may ask for
 * further ones later. Of each operation one result: a completed one, or else the video's own, or else the newest.
 */
export async function fileResults(
  deps: RestDeps,
  jobs: Jobs,
  video: Job,
  call: RestCall,
): Promise<JobProgress & { readonly results: readonly FileResult[] }> {
  const own = await jobProgress(deps, video, call);
  const named = { scope: call.scope, prefix: namePrefix("media", video.mediaId), offset: 0, limit: MAX_JOBS };
  const batches = await deps.model.namedBatches(named);
  const others = (await Promise.all(batches.map((batch) => jobs.of(batch)))).flatMap((job) =>
    job?.mediaId === video.mediaId && job.operations.some(isQuality) ? job : [],
  );
  const found = await Promise.all(
    others.map(async (job) =>
      (await jobProgress(deps, job, call)).results.flatMap((result) =>
        isQuality(result.operation) ? { ...result, job } : [],
      ),
    ),
  );
  return { ...own, results: oneOfEach([...own.results.map((result) => ({ ...result, job: video })), ...found.flat()]) };
}

const isQuality = (operation: OperationName): boolean => qualityOf(operation) !== undefined;

/** Pure. In order of the first result of each operation. */
function oneOfEach(results: readonly FileResult[]): FileResult[] {
  const chosen = new Map<string, FileResult>();
  for (const result of results) {
    const known = chosen.get(result.operation);
    if (!known || (known.standing !== "completed" && result.standing === "completed"))
      chosen.set(result.operation, result);
  }
  return [...chosen.values()];
}
