import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type FactName, Stage, type WatchBatchResponse, WatchBatchResponseSchema } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";

type Update = NonNullable<MessageInitShape<typeof WatchBatchResponseSchema>["update"]>;

/** Watching ends with the deletion of a batch. */
export type WatchedName = Exclude<FactName, "batch.deleting" | "batch.deleted">;

/** Converts a fact to the message for watching clients. */
export const watchUpdate = (told: FactMessage<WatchedName>): WatchBatchResponse =>
  create(WatchBatchResponseSchema, { sequence: BigInt(told.sequence), update: updateOf(told) });

function updateOf(told: FactMessage<WatchedName>): Update {
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
    case "voice.requested":
    case "clip.requested":
    case "sound.requested":
      return part(told.name, { case: "requested", value: told.fact });
    case "voice.ready":
    case "clip.ready":
    case "sound.ready":
      return part(told.name, { case: "ready", value: told.fact });
    case "voice.failed":
    case "clip.failed":
    case "sound.failed":
      return part(told.name, { case: "failed", value: told.fact });
  }
}

const STAGES = { voice: Stage.VOICE, clip: Stage.CLIP, sound: Stage.SOUND };

type PartEvent = (Update & { case: "part" })["value"]["event"];

function part(name: string, event: NonNullable<PartEvent>): Update {
  return { case: "part", value: { stage: STAGES[name.split(".")[0] as keyof typeof STAGES], event } };
}
