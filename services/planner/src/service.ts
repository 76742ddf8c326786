import { Stage } from "@polyreel/contract";
import { prepareEngines } from "@polyreel/media/ffmpeg";
import { Tenants } from "@polyreel/parts";
import { warnRemoved } from "@polyreel/parts/sources";
import { FairSlots, openPlatform, startStage } from "@polyreel/pipeline";
import { openSecrets, SettingsFile } from "@polyreel/pipeline/settings";
import { composed, type Running } from "@polyreel/platform";
import type { PlannerConfig } from "./config.js";
import { bucketsFormat } from "./fetch/buckets/bucket-settings.js";
import { SourceBuckets } from "./fetch/buckets/source-buckets.js";
import { giveUpResumed, onBatchResumed } from "./on-batch-resumed.js";
import { giveUpBatch, onBatchSubmitted } from "./on-batch-submitted.js";
import { answerEstimates } from "./on-estimate.js";
import { answerProbeRequests } from "./on-probe-request.js";

/** Batches planned concurrently. */
const SLOTS = 8;

/** The planner: reacts to `batch.submitted` and `batch.resumed`, publishes parts and combinations. */
export function startPlanner(config: PlannerConfig): Promise<Running> {
  return composed(async (releasers) => {
    prepareEngines();
    const platform = releasers.use(await openPlatform("polyreel-planner", config));
    const tenants = new Tenants(platform.store, { onRemoved: warnRemoved(platform.log) });
    const file = await SettingsFile.open(config.bucketsFile, bucketsFormat, platform.log);
    const buckets = new SourceBuckets(file, config.fetchLimits, await openSecrets(config.secrets, platform));
    const resolving = { ...config, buckets, probes: new FairSlots(config.probesAtOnce), tenants };
    releasers.use(
      startStage(
        {
          name: "planner",
          fact: "batch.submitted",
          over: "live-batches",
          slots: SLOTS,
          about: () => ({ stage: Stage.PLAN, id: "" }),
          handle: (message, work) => onBatchSubmitted(message, work, platform, resolving),
          giveUp: (message, error) => giveUpBatch(message, error, platform),
        },
        platform,
      ),
    );
    releasers.use(
      startStage(
        {
          name: "planner-resumed",
          fact: "batch.resumed",
          over: "live-batches",
          slots: SLOTS,
          about: () => ({ stage: Stage.PLAN, id: "" }),
          handle: (message, work) => onBatchResumed(message, work, platform, resolving),
          giveUp: (message, error) => giveUpResumed(message, error, platform),
        },
        platform,
      ),
    );
    releasers.use(answerEstimates(platform, config));
    releasers.use(answerProbeRequests(platform, resolving));
    platform.log.info("planner ready");
    return releasers;
  });
}
