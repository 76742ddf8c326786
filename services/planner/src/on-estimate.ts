import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ESTIMATE_SUBJECT,
  type EstimateBatchRequest,
  EstimateBatchRequestSchema,
  EstimateReplySchema,
} from "@polyreel/contract";
import { Sources, warnRemoved } from "@polyreel/parts/sources";
import type { Platform } from "@polyreel/pipeline";
import { earlierBatches } from "@polyreel/pipeline";
import type { OpenStored } from "@polyreel/planning/estimate";
import { type EstimateDeps, estimate, rememberedProbes } from "@polyreel/planning/estimate";
import type { Running } from "@polyreel/platform";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { answerCalls } from "@polyreel/platform/stream";
import pLimit from "p-limit";

/** Estimates at a time: they plan in earnest, and batches come first. */
const AT_ONCE = 2;
/** Nobody waits for an answer much longer. */
const DEADLINE_MS = 55_000;

/** Answers what batches would take; of several planners one answers, and stops when nobody waits for it any more. */
export function answerEstimates({ store, stream, log }: Platform, { probesAtOnce }: { probesAtOnce: number }): Running {
  const atOnce = pLimit(AT_ONCE);
  const probesOf = rememberedProbes(probesAtOnce, { keep: true });
  const openSource: OpenStored = (scoped, sha256, signal) => new Sources(scoped, warnRemoved(log)).open(sha256, signal);
  const earlier: EstimateDeps["earlier"] = async (batch, scoped) =>
    (await earlierBatches(batch, { stream, store: scoped })).map((one) => one.batch);

  const answer = async (request: Uint8Array, wanted: AbortSignal): Promise<Uint8Array> => {
    const signal = AbortSignal.any([wanted, AbortSignal.timeout(DEADLINE_MS)]);
    const result = await atOnce(() => estimate(read(request), { store, earlier, probesOf, openSource, signal })).then(
      (value) => ({ case: "estimate", value }) as const,
      (thrown: unknown) => ({ case: "failure", value: failureOf(thrown, signal) }) as const,
    );
    if (wanted.aborted) log.info("stopped an estimate whose caller is gone");
    else if (result.case === "failure") log.info({ failure: result.value }, "could not estimate");
    return toBinary(EstimateReplySchema, create(EstimateReplySchema, { result }));
  };
  const failureOf = (thrown: unknown, signal: AbortSignal): PolyreelError["failure"] => {
    const error = signal.aborted ? tookTooLong() : toPolyreelError(thrown);
    if (error.code === "internal") log.error({ err: error }, "an estimate failed");
    return error.failure;
  };
  return answerCalls({ connection: stream.connection, log }, { subject: ESTIMATE_SUBJECT, queue: "planner" }, answer);
}

function read(request: Uint8Array): EstimateBatchRequest {
  try {
    return fromBinary(EstimateBatchRequestSchema, request);
  } catch (error) {
    throw new PolyreelError("invalid", "The request can't be read.", { cause: error });
  }
}

const tookTooLong = (): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: "The estimate took too long.",
    remedy: "Estimate a smaller batch, or call again when the machine is less busy.",
  });
