import { Stage } from "@polyreel/contract";
import { FairSlots, openPlatform, startStage } from "@polyreel/pipeline";
import { composed, type Running } from "@polyreel/platform";
import type { PlannerConfig } from "./config.js";
import { giveUpResumed, onBatchResumed } from "./on-batch-resumed.js";
import { giveUpBatch, onBatchSubmitted } from "./on-batch-submitted.js";
import { answerEstimates } from "./on-estimate.js";

/** Batches planned at the same time. */
const SLOTS = 8;

/** The planner: reacts to `batch.submitted` and `batch.resumed`, says parts and combinations. */
export function startPlanner(config: PlannerConfig): Promise<Running> {
  return composed(async (releasers) => {
    const platform = releasers.use(await openPlatform("polyreel-planner", config));
    const finding = { ...config, probes: new FairSlots(config.probesAtOnce) };
    releasers.use(
      startStage(
        {
          name: "planner",
          fact: "batch.submitted",
          over: "live-batches",
          slots: SLOTS,
          about: () => ({ stage: Stage.PLAN, id: "" }),
          handle: (told, work) => onBatchSubmitted(told, work, platform, finding),
          giveUp: (told, error) => giveUpBatch(told, error, platform),
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
          handle: (told, work) => onBatchResumed(told, work, platform, finding),
          giveUp: (told, error) => giveUpResumed(told, error, platform),
        },
        platform,
      ),
    );
    releasers.use(answerEstimates(platform, config));
    platform.log.info("planner ready");
    return releasers;
  });
}
