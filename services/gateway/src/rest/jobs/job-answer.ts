import type { Job } from "./find-job.js";
import { metadataJobId } from "./job-name.js";
import type { JobProgress } from "./job-progress.js";
import { METADATA } from "./operations.js";

/** A job with the fields of each dialect. Pure. */
export function jobAnswer(job: Job, { percent, currentTask, results, error, startedAt, completedAt }: JobProgress) {
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

/** It needs no work: its file was read when it was uploaded. Pure. */
export function metadataAnswer(mediaId: string) {
  const id = metadataJobId(mediaId);
  return {
    ...{ job_id: id, id, status: "completed", progress: 100, operations: [METADATA] },
    ...{ media_id: mediaId, file_id: mediaId, videoId: null, currentTask: null, startedAt: null, completedAt: null },
    ...{ error: null, result_path: null, download_url: `/jobs/${id}/download` },
  };
}
