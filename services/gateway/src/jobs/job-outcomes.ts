import { type Platform, startStage } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { lastFact } from "@polyreel/platform/stream";
import type { ReadModel } from "../read-model/read-model.js";
import { isLive } from "../read-model/status.js";
import type { JobNews } from "./job-news.js";
import { jobOfRequestId } from "./job-subjects.js";

const SLOTS = 4;

type Deps = Platform & { readonly model: ReadModel; readonly news: JobNews };

/**
 * Publishes the outcome of each job when its batch has ended. From a durable consumer: if the gateway dies before the
 * message is published, another one publishes it; it may be published twice.
 */
export function startJobOutcomes({ model, news, ...platform }: Deps): Running {
  return startStage(
    {
      name: "jobs",
      fact: "batch.finished",
      over: "all-batches",
      slots: SLOTS,
      untilDone: true,
      async handle({ batchId, sequence }) {
        const submitted = await lastFact(platform.stream, "batch.submitted", batchId);
        const jobId = submitted && jobOfRequestId(submitted.fact.requestId);
        if (!submitted || jobId === undefined) return;
        await model.reached(sequence);
        const { tenant } = submitted.fact;
        const known = await model.batch(batchId, { tenant });
        // A batch that was resumed meanwhile is finished again later.
        if (known && !isLive(known.status.state)) await news.publishStatus({ jobId, tenant }, known.status);
      },
      giveUp: async () => {},
    },
    platform,
  );
}
