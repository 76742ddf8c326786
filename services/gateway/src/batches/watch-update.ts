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

/** Of a batch that is being deleted nothing more is told. */
export type WatchedName = Exclude<FactName, "batch.deleting" | "batch.deleted">;

/** A fact as those who watch a batch are told of it. */
export const watchUpdate = (told: FactMessage<WatchedName>): WatchBatchResponse =>
  create(WatchBatchResponseSchema, { sequence: BigInt(told.sequence), update: updateOf(told) });

function updateOf(told: FactMessage<WatchedName>): Update {
  if (isPartFact(told))
    return { case: "part", value: { stage: partKinds[kindOfFact(told.name)].stage, event: eventOf(told) } };
  switch (told.name) {
    case "batch.submitted":
      return { case: "batchSubmitted", value: told.fact };
    case "batch.planned":
      return { case: "batchPlanned", value: told.fact };
    case "batch.cancelled":
      return { case: "batchCancelled", value: told.fact };
    case "batch.finished":
      return { case: "batchFinished", value: told.fact };
    case "batch.resumed":
      return { case: "batchResumed", value: told.fact };
    case "batch.requeued":
      return { case: "batchRequeued", value: told.fact };
    case "combination.planned":
      return { case: "combinationPlanned", value: told.fact };
    case "combination.rendered":
      return { case: "combinationRendered", value: told.fact };
    case "combination.delivered":
      return { case: "combinationDelivered", value: told.fact };
    case "combination.rejected":
      return { case: "combinationRejected", value: told.fact };
    case "combination.failed":
      return { case: "combinationFailed", value: told.fact };
  }
}

type PartEvent = NonNullable<(Update & { case: "part" })["value"]["event"]>;

function eventOf(told: FactMessage<PartFactName>): PartEvent {
  if (isPartFact(told, "requested")) return { case: "requested", value: told.fact };
  if (isPartFact(told, "ready")) return { case: "ready", value: told.fact };
  return { case: "failed", value: told.fact };
}
