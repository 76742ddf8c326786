import { jobsRoot } from "@polyreel/contract";
import { isTenant } from "@polyreel/platform/blobs";
import { DEFAULT_TENANT } from "@polyreel/spec";

/** The tenant in a subject of jobs; undefined if it is no tenant's name. */
export function tenantOfJobs(subject: string): string | undefined {
  const tokens = subject.split(".");
  if (tokens.length === 2) return DEFAULT_TENANT;
  return isTenant(tokens[1] ?? "") ? tokens[1] : undefined;
}

/**
 * Subject of a job's progress and outcome, core NATS: its id as one token, in base64url without padding. A message
 * without a readable id is answered under the word `malformed`, which encodes no id.
 */
export function jobProgressSubject(tenant: string | undefined, jobId: string | undefined): string {
  const token = jobId === undefined ? "malformed" : Buffer.from(jobId, "utf8").toString("base64url");
  return `${jobsRoot(tenant === DEFAULT_TENANT ? undefined : tenant)}.progress.${token}`;
}

const PREFIX = "job:";

/** Request id of a job's batch, so that a job is one batch however often its message is delivered. */
export const requestIdOfJob = (jobId: string): string => PREFIX + jobId;

/** The job of a batch with this request id; undefined if it was submitted otherwise. */
export const jobOfRequestId = (requestId: string): string | undefined =>
  requestId.startsWith(PREFIX) ? requestId.slice(PREFIX.length) : undefined;
