import { estimateRequest } from "@polyreel/contract";
import { Sources, warnRemoved } from "@polyreel/parts/sources";
import type { Platform } from "@polyreel/pipeline";
import { earlierBatches } from "@polyreel/pipeline";
import type { OpenStored } from "@polyreel/planning/estimate";
import { type EstimateDeps, estimate, rememberedProbes } from "@polyreel/planning/estimate";
import type { Running } from "@polyreel/platform";
import { PolyreelError } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { listVoices } from "./list-voices.js";

/** Concurrent estimates: each runs a full planning, and batches have priority. */
const AT_ONCE = 2;
/** Callers do not wait much longer. */
const DEADLINE_MS = 55_000;
/** Unlike a plan, an estimate does not wait for speech services without limit. */
const VOICES_MS = 10_000;

/** Answers estimate requests; one of several planners answers, and stops when the caller no longer waits. */
export function answerEstimates({ store, stream, log }: Platform, { probesAtOnce }: { probesAtOnce: number }): Running {
  const probesOf = rememberedProbes(probesAtOnce, { keep: true });
  const openSource: OpenStored = (scoped, sha256, signal) => new Sources(scoped, warnRemoved(log)).open(sha256, signal);
  const earlier: EstimateDeps["earlier"] = async (batch, scoped) =>
    (await earlierBatches(batch, { stream, store: scoped })).map((one) => one.batch);

  const voicesNow: EstimateDeps["listVoices"] = (tenant, signal) =>
    listVoices(tenant, { stream }, { timeoutMs: VOICES_MS, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      log.info({ err: error }, "no speech service lists its voices; estimating without");
      return undefined;
    });
  const options = { atOnce: AT_ONCE, deadline: { ms: DEADLINE_MS, error: tookTooLong } };
  return answerRequests(estimateRequest, { stream, log }, options, (request, signal) =>
    estimate(request, { store, earlier, listVoices: voicesNow, probesOf, openSource, signal }),
  );
}

const tookTooLong = (): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: "The estimate took too long.",
    remedy: "Estimate a smaller batch, or call again when the machine is less busy.",
  });
