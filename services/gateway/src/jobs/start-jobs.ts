import { JOB_SUBJECTS, JOBS_STREAM, REJECTED_STREAM, REJECTED_SUBJECT } from "@polyreel/contract";
import { type Platform, SubjectQueues } from "@polyreel/pipeline";
import { composed, type Running } from "@polyreel/platform";
import { declareClientStream } from "@polyreel/platform/stream";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { AuditLog } from "../audit/audit-log.js";
import { type BatchLimits, type SubmitDeps, submitBatch } from "../batches/submit-batch.js";
import type { JobsConfig } from "./config.js";
import { assertInputs, JobInputs } from "./job-inputs.js";
import { JobNews } from "./job-news.js";
import { startJobOutcomes } from "./job-outcomes.js";
import { JobProgress } from "./job-progress.js";
import { tenantOfJobs } from "./job-subjects.js";
import { LiveJobs } from "./live-jobs.js";
import { JobThread } from "./read/job-thread.js";
import { RejectedJobs } from "./rejected-jobs.js";
import { takeJob } from "./take-job.js";

/** nats-server's own limit. */
const MAX_MESSAGE_BYTES = 1024 ** 2;
const MAX_WAITING = 100_000;
/** Of one tenant, in this process; they wait for room or are being accepted. */
const HELD = 16;
const SLOTS = 4;

const REJECTED_LIMITS = { maxBytes: 16 * 1024 ** 2, maxMessages: 1000, maxAgeMs: 7 * 86_400_000 };

type Deps = Platform &
  Pick<SubmitDeps, "model" | "notifications" | "presets" | "admission" | "estimates"> & { readonly audit: AuditLog };

/** Takes jobs that clients publish as plain messages, and publishes their progress and outcomes. */
export function startJobs(
  { model, notifications, presets, admission, estimates, audit, ...platform }: Deps,
  { input, output, live: limit, maxBytes }: JobsConfig,
  limits: BatchLimits & { readonly maxSourceBytes: number },
): Promise<Running> {
  return composed(async (releasers) => {
    const { stream, batches, log } = platform;
    const inputs = { folder: input, maxSourceBytes: limits.maxSourceBytes };
    await assertInputs(inputs);
    await declareClientStream(stream, {
      ...{ name: JOBS_STREAM, subjects: JOB_SUBJECTS, keeps: "queue", description: "Jobs for Polyreel" },
      ...{ maxBytes, maxMessages: MAX_WAITING, maxMessageBytes: MAX_MESSAGE_BYTES },
    });
    await declareClientStream(stream, {
      ...{ name: REJECTED_STREAM, subjects: [REJECTED_SUBJECT], keeps: "newest" },
      ...{ description: "Messages that were no jobs for Polyreel", maxMessageBytes: MAX_MESSAGE_BYTES },
      ...REJECTED_LIMITS,
    });
    const news = new JobNews({ stream, model });
    releasers.use(startJobOutcomes({ ...platform, model, news }));
    releasers.use(new JobProgress({ ...platform, model, news }));
    const live = releasers.use(await LiveJobs.follow(stream, batches, limit));
    const thread = releasers.use(new JobThread(presets));
    const deps = {
      ...{ thread, live, news, log, audit },
      inputs: new JobInputs(platform, inputs),
      rejected: new RejectedJobs(stream),
      submit: submitBatch(
        { ...platform, broker: stream.broker, model, notifications, presets, admission, estimates },
        limits,
      ),
    };
    releasers.use(
      new SubjectQueues(
        stream,
        {
          ...{ name: JOBS_STREAM, consumer: "jobs", held: HELD, slots: SLOTS },
          seat: (subject, signal) => live.seat(tenantOfJobs(subject) ?? DEFAULT_TENANT, signal),
          handle: takeJob(deps, output),
        },
        log,
      ),
    );
    return { close: () => releasers.close() };
  });
}
