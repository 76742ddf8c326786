import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type FactName,
  isPartFact,
  kindOfFact,
  type PartFactName,
  type WatchBatchResponse,
  WatchBatchResponseSchema,
} from "@polyreel/contract";
import { partKinds } from "@polyreel/parts/kinds";
import type { FactMessage } from "@polyreel/platform/stream";

type Update = NonNullable<MessageInitShape<typeof WatchBatchResponseSchema>["update"]>;

/** Watching ends with the deletion of a batch. */
export type WatchedName = Exclude<FactName, "batch.deleting" | "batch.deleted">;

/** Converts a fact to the message for watching clients. */
export const watchUpdate = (message: FactMessage<WatchedName>): WatchBatchResponse =>
  create(WatchBatchResponseSchema, { sequence: BigInt(message.sequence), update: updateOf(message) });

function updateOf(message: FactMessage<WatchedName>): Update {
  if (isPartFact(message))
    return { case: "part", value: { stage: partKinds[kindOfFact(message.name)].stage, event: eventOf(message) } };
  switch (message.name) {
    case "batch.submitted":
      return { case: "batchSubmitted", value: message.fact };
    case "batch.planned":
      return { case: "batchPlanned", value: message.fact };
    case "batch.cancelled":
      return { case: "batchCancelled", value: message.fact };
    case "batch.finished":
      return { case: "batchFinished", value: message.fact };
    case "batch.resumed":
      return { case: "batchResumed", value: message.fact };
    case "batch.requeued":
      return { case: "batchRequeued", value: message.fact };
    case "combination.planned":
      return { case: "combinationPlanned", value: message.fact };
    case "combination.rendered":
      return { case: "combinationRendered", value: message.fact };
    case "combination.delivered":
      return { case: "combinationDelivered", value: message.fact };
    case "combination.rejected":
      return { case: "combinationRejected", value: message.fact };
    case "combination.failed":
      return { case: "combinationFailed", value: message.fact };
  }
}

type PartEvent = NonNullable<(Update & { case: "part" })["value"]["event"]>;

function eventOf(message: FactMessage<PartFactName>): PartEvent {
  if (isPartFact(message, "requested")) return { case: "requested", value: message.fact };
  if (isPartFact(message, "ready")) return { case: "ready", value: message.fact };
  return { case: "failed", value: message.fact };
}
