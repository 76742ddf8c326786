import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Msg } from "@nats-io/transport-node";
import {
  ESTIMATE_SUBJECT,
  type EstimateBatchRequest,
  EstimateBatchRequestSchema,
  EstimateReplySchema,
} from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform/errors.js";
import type { Running } from "@polyreel/platform/lifecycle.js";
import type { Platform } from "@polyreel/platform/service.js";
import { earlierBatches } from "@polyreel/platform/specification.js";
import pLimit from "p-limit";
import { type EstimateDeps, estimate } from "./estimate.js";
import { rememberedProbes } from "./probes.js";

/** Estimates at a time: they plan in earnest, and batches come first. */
const AT_ONCE = 2;
/** Nobody waits for an answer much longer. */
const DEADLINE_MS = 55_000;

/** Answers what batches would take; of several planners one answers. */
export function answerEstimates({ store, stream, log }: Platform, { probesAtOnce }: { probesAtOnce: number }): Running {
  const closing = new AbortController();
  const atOnce = pLimit(AT_ONCE);
  const probesOf = rememberedProbes(probesAtOnce);
  const working = new Set<Promise<void>>();
  const earlier: EstimateDeps["earlier"] = async (batch, scoped) =>
    (await earlierBatches(batch, { stream, store: scoped })).map((one) => one.batch);

  const answer = async (message: Msg): Promise<void> => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(DEADLINE_MS)]);
    const result = await atOnce(() => estimate(read(message), { store, earlier, probesOf, signal })).then(
      (value) => ({ case: "estimate", value }) as const,
      (thrown: unknown) => ({ case: "failure", value: failureOf(thrown, signal) }) as const,
    );
    if (result.case === "failure") log.info({ failure: result.value }, "could not estimate");
    if (!closing.signal.aborted)
      message.respond(toBinary(EstimateReplySchema, create(EstimateReplySchema, { result })));
  };
  const failureOf = (thrown: unknown, signal: AbortSignal): PolyreelError["failure"] => {
    const error = signal.aborted ? tookTooLong() : toPolyreelError(thrown);
    if (error.code === "internal") log.error({ err: error }, "an estimate failed");
    return error.failure;
  };

  const subscription = stream.connection.subscribe(ESTIMATE_SUBJECT, {
    queue: "planner",
    callback: (error, message) => {
      if (error) return;
      const work = answer(message).catch((thrown: unknown) => log.error({ err: thrown }, "an estimate failed"));
      working.add(work);
      void work.then(() => working.delete(work));
    },
  });
  return {
    close: async () => {
      subscription.unsubscribe();
      closing.abort(new DOMException("The service is ending.", "AbortError"));
      await Promise.all(working);
    },
  };
}

function read({ data }: Msg): EstimateBatchRequest {
  try {
    return fromBinary(EstimateBatchRequestSchema, data);
  } catch (error) {
    throw new PolyreelError("invalid", "The request can't be read.", { cause: error });
  }
}

const tookTooLong = (): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: "The estimate took too long.",
    remedy: "Estimate a smaller batch, or call again when the machine is less busy.",
  });
