import { BatchState, type BatchStatus, CombinationState, type CombinationStatus } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Problem, toProblem } from "../web/problem.js";

/** Files that an outcome lists: a message has a megabyte at most. */
export const MAX_OUTPUTS = 100;

/** The state of a job, as clients receive it. */
export interface JobState {
  /** Absent for a message whose id cannot be read. */
  readonly job_id?: string;
  readonly batch_id?: string;
  readonly status: "processing" | "completed" | "failed";
  /** Percent. */
  readonly progress: number;
  readonly error?: Problem;
  /** Combinations. */
  readonly delivered?: number;
  readonly failed?: number;
  /** Files, the first of them. */
  readonly outputs?: readonly JobOutput[];
}

export interface JobOutput {
  readonly name: string;
  readonly path: string;
  readonly location?: string;
  readonly url_path?: string;
  readonly size_bytes?: number;
}

export interface Job {
  readonly jobId: string;
  readonly tenant: string;
}

export const refusedJob = (jobId: string | undefined, error: unknown): JobState => ({
  ...(jobId !== undefined && { job_id: jobId }),
  status: "failed",
  progress: 0,
  error: toProblem(error),
});

/**
 * Progress of a job whose batch has not ended: the share of its parts and of its combinations that are done. At most 99:
 * only an outcome is 100.
 */
export function jobInProgress(jobId: string, status: BatchStatus): JobState {
  const { combinations, clips, voices, soundtracks } = status;
  const total = Number(combinations?.total ?? 0n);
  const ended = Number((combinations?.delivered ?? 0n) + (combinations?.failed ?? 0n) + (combinations?.rejected ?? 0n));
  const parts = [clips, voices, soundtracks].flatMap((one) => (one ? [one] : []));
  const distinct = parts.reduce((sum, one) => sum + Number(one.distinct), 0);
  const made = parts.reduce((sum, one) => sum + Number(one.made + one.reused + one.failed), 0);
  const share = (done: number, of: number): number => (of > 0 ? Math.min(1, done / of) : 0);
  const done = distinct > 0 ? (share(made, distinct) + share(ended, total)) / 2 : share(ended, total);
  return {
    job_id: jobId,
    batch_id: status.batchId,
    status: "processing",
    progress: Math.min(99, Math.floor(100 * done)),
  };
}

/** Outcome of a job whose batch has ended: it failed if anything of it did, or if it was cancelled. */
export function jobOutcome(
  jobId: string,
  status: BatchStatus,
  delivered: readonly CombinationStatus[],
  failed: readonly CombinationStatus[],
): JobState {
  const error = errorOf(status, failed);
  return {
    job_id: jobId,
    batch_id: status.batchId,
    status: error ? "failed" : "completed",
    progress: 100,
    ...(error && { error: toProblem(error) }),
    delivered: Number(status.combinations?.delivered ?? 0n),
    failed: Number(status.combinations?.failed ?? 0n),
    outputs: delivered.flatMap(outputsOf).slice(0, MAX_OUTPUTS),
  };
}

function errorOf(
  { state, combinations }: BatchStatus,
  failed: readonly CombinationStatus[],
): PolyreelError | undefined {
  if (state === BatchState.CANCELLED) return new PolyreelError("cancelled", "The batch of this job was cancelled.");
  if ((combinations?.failed ?? 0n) === 0n) return undefined;
  const { failure } = failed[0] ?? {};
  return new PolyreelError("precondition", failure ?? "Some combinations failed.");
}

const outputsOf = ({ outputs }: CombinationStatus): JobOutput[] =>
  outputs
    .filter(({ state }) => state === CombinationState.DELIVERED)
    .map(({ name, path, location, urlPath, certificate }) => ({
      ...{ name, path },
      ...(location && { location }),
      ...(urlPath && { url_path: urlPath }),
      ...(certificate?.sizeBytes && { size_bytes: Number(certificate.sizeBytes) }),
    }));
