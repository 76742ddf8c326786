/** Jobs that wait to be accepted. */
export const JOBS_STREAM = "POLYREEL_JOBS";
/** The default tenant's jobs, and those of a tenant in the subject. */
export const JOB_SUBJECTS = ["polyreel-jobs.submit", "polyreel-jobs.*.submit"] as const;

/** Messages that were no job, for a look. */
export const REJECTED_STREAM = "POLYREEL_JOBS_REJECTED";
export const REJECTED_SUBJECT = "polyreel-jobs.rejected";

/** First tokens of the subjects of a tenant's jobs; `undefined`: the default tenant. */
export const jobsRoot = (tenant?: string): string =>
  tenant === undefined ? "polyreel-jobs" : `polyreel-jobs.${tenant}`;
