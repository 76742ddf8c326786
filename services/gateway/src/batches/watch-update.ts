import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type FactName, Stage, type WatchBatchResponse, WatchBatchResponseSchema } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";

type Update = NonNullable<MessageInitShape<typeof WatchBatchResponseSchema>["update"]>;

/** Watching ends with the deletion of a batch. */
export type WatchedName = Exclude<FactName, "batch.deleting" | "batch.deleted">;

/** Converts a fact to the message for watching clients. */
export const watchUpdate = (message: FactMessage<WatchedName>): WatchBatchResponse =>
  create(WatchBatchResponseSchema, { sequence: BigInt(message.sequence), update: updateOf(message) });

function updateOf(message: FactMessage<WatchedName>): Update {
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
    case "voice.requested":
    case "clip.requested":
    case "sound.requested":
      return part(message.name, { case: "requested", value: message.fact });
    case "voice.ready":
    case "clip.ready":
    case "sound.ready":
      return part(message.name, { case: "ready", value: message.fact });
    case "voice.failed":
    case "clip.failed":
    case "sound.failed":
      return part(message.name, { case: "failed", value: message.fact });
  }
}

const STAGES = { voice: Stage.VOICE, clip: Stage.CLIP, sound: Stage.SOUND };

type PartEvent = (Update & { case: "part" })["value"]["event"];

function part(name: string, event: NonNullable<PartEvent>): Update {
  return { case: "part", value: { stage: STAGES[name.split(".")[0] as keyof typeof STAGES], event } };
}
