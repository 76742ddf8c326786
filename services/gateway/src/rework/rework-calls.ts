import { timestampDate } from "@bufbuild/protobuf/wkt";
import {
  CombinationState,
  type DeliverCombinationsRequest,
  DeliverCombinationsRequestSchema,
  FailureCode,
  type ReplayBatchRequest,
  ReplayBatchRequestSchema,
  type RetryBatchRequest,
  RetryBatchRequestSchema,
  ReworkFrom,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { EventStream } from "@polyreel/platform/stream";
import { sequenceAt } from "@polyreel/platform/stream";
import { folderOf, objectSettingsOf, spellPlaced } from "@polyreel/spec";
import { causeOf, isAmongCauses } from "../read-model/failure-cause.js";
import type { KnownCombination, KnownDelivery } from "../read-model/read-model.js";
import { aboutOf } from "./about-request.js";
import type { ReworkRequest } from "./resume-batch.js";
import { isFirstOfOutput, workedMessages } from "./work-items.js";

// The requests of these calls, as resumed runs.

/**
 * Failed deliveries, from the last message that they reached; those that failed before, from planning. Delivered ones
 * are not changed.
 */
export const retryOf = (request: RetryBatchRequest): ReworkRequest => ({
  ...aboutOf(RetryBatchRequestSchema, request),
  rework: { from: ReworkFrom.PLANNED },
  sources: request.sources,
  choosing: {
    state: CombinationState.FAILED,
    failureCodes: request.failureCodes,
    causes: request.causes,
    messagesOf: (combination) =>
      workedMessages(combination, (delivery) => {
        const { state, failure, plannedSequence, renderedSequence } = delivery;
        const code = failure?.code ?? FailureCode.UNSPECIFIED;
        const isMeant =
          (request.failureCodes.length === 0 || request.failureCodes.includes(code)) &&
          isAmongCauses(causeOf(delivery, combination.status.choices), request.causes);
        if (state !== CombinationState.FAILED || !isMeant) return undefined;
        return Math.max(plannedSequence, renderedSequence);
      }),
    otherwise: "has not failed",
  },
});

/** Laid-out ones are delivered, including virtual ones. */
export function deliveryOf(request: DeliverCombinationsRequest): ReworkRequest {
  const into = intoFolder(request);
  return {
    ...aboutOf(DeliverCombinationsRequestSchema, request),
    destination: request.destination,
    rework: { from: ReworkFrom.RENDERED, ...into, written: true },
    choosing: {
      state: CombinationState.UNSPECIFIED,
      messagesOf: (combination) =>
        workedMessages(combination, (delivery) =>
          isWorked(combination, delivery, into) && isDeliverable(delivery)
            ? delivery.renderedSequence || undefined
            : undefined,
        ),
      otherwise: "is not rendered yet, waits for approval or was rejected",
    },
  };
}

/** Not before it is approved. */
const isDeliverable = ({ state }: KnownDelivery): boolean =>
  state !== CombinationState.AWAITING_APPROVAL && state !== CombinationState.REJECTED;

/** In another folder each output is written once. */
const isWorked = (combination: KnownCombination, delivery: KnownDelivery, { folder }: { readonly folder: string }) =>
  folder === "" || isFirstOfOutput(combination, delivery);

/** Any, from the requested step; rejected ones only if named by id. */
export async function replayOf(request: ReplayBatchRequest, stream: EventStream): Promise<ReworkRequest> {
  const from = request.from || (request.respeak ? ReworkFrom.PLAN : ReworkFrom.PLANNED);
  if (request.respeak && from !== ReworkFrom.PLAN) {
    throw new PolyreelError("invalid", {
      field: "respeak",
      reason: "Lines are spoken anew only in a replay from PLAN: their length may change.",
      remedy: "Replay from PLAN, or without respeak.",
    });
  }
  if (request.force && from === ReworkFrom.RENDERED) {
    throw new PolyreelError("invalid", {
      field: "force",
      reason: "A replay from RENDERED rebuilds no part.",
      remedy: "Replay from PLANNED, or without force.",
    });
  }
  const into = intoFolder(request);
  const isMeant = await inTime(request, stream);
  const isNamed = (request.which?.combinationIds.length ?? 0) > 0;
  return {
    ...aboutOf(ReplayBatchRequestSchema, request),
    destination: request.destination,
    rework: { from, ...into, force: request.force, respeak: request.respeak, written: into.folder !== "" },
    choosing: {
      state: CombinationState.UNSPECIFIED,
      messagesOf: (combination) =>
        workedMessages(combination, (delivery) => {
          if (delivery.state === CombinationState.REJECTED && !isNamed) return undefined;
          if (!isWorked(combination, delivery, into) || !isMeant(messageOf(delivery, from))) return undefined;
          return from === ReworkFrom.PLAN ? 0 : messageOf(delivery, from);
        }),
      otherwise: "was not published in that time",
    },
  };
}

/** Position of the newest message of a delivery at a step, or the step before; 0: it was never planned. */
function messageOf({ plannedSequence, renderedSequence }: KnownDelivery, from: ReworkFrom): number {
  return from === ReworkFrom.RENDERED ? renderedSequence || plannedSequence : plannedSequence;
}

/** Whether a message, by its position in the stream, was published in the requested period. */
async function inTime(
  { since, until }: ReplayBatchRequest,
  stream: EventStream,
): Promise<(sequence: number) => boolean> {
  if (!since && !until) return () => true;
  const first = since ? await sequenceAt(stream, timestampDate(since)) : 1;
  const end = until ? await sequenceAt(stream, timestampDate(until)) : Number.POSITIVE_INFINITY;
  return (sequence) => sequence >= first && sequence < end;
}

/** The uploader's folder without a path: their own folders. A configured destination's: one named after the batch. */
function intoFolder({ batchId, destination }: DeliverCombinationsRequest | ReplayBatchRequest) {
  if (destination?.kind.case === "virtual") throw notVirtual();
  const into = destination && folderOf(destination);
  if (!into) return { folder: "", overwrite: false, prune: false };
  const { overwrite, prune, ...placed } = into;
  const object = destination && objectSettingsOf(destination);
  const path = placed.path || (placed.destination && batchId);
  return { folder: spellPlaced({ ...placed, path }), overwrite, prune, ...(object && { object }) };
}

const notVirtual = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "destination.virtual",
    reason: "What is worked again goes to a folder, or where it went before.",
    remedy: "Name a folder, or leave destination out.",
  });
