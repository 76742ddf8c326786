import { toJsonString } from "@bufbuild/protobuf";
import { type WatchBatchResponse, WatchBatchResponseSchema } from "@polyreel/contract";
import type { ServerSentEvent } from "./server-sent-event.js";

type UpdateCase = NonNullable<WatchBatchResponse["update"]["case"]>;

/** Few names, which pages listen for one by one; the data tells the rest. */
const NAMES: Readonly<Record<UpdateCase, string>> = {
  batchSubmitted: "batch",
  batchPlanned: "batch",
  batchCancelled: "batch",
  batchResumed: "batch",
  batchRequeued: "batch",
  batchFinished: "finished",
  combinationPlanned: "combination",
  combinationRendered: "combination",
  combinationDelivered: "combination",
  combinationRejected: "combination",
  combinationFailed: "combination",
  part: "part",
  progress: "progress",
};

/** Converts an update of a watched batch: its data is the JSON of WatchBatchResponse. Progress has no position. */
export function eventOfUpdate(update: WatchBatchResponse): ServerSentEvent | undefined {
  if (update.update.case === undefined) return undefined;
  return {
    name: NAMES[update.update.case],
    ...(update.sequence > 0n && { id: String(update.sequence) }),
    data: toJsonString(WatchBatchResponseSchema, update),
  };
}

/** The last event: nothing follows, and reconnecting is pointless. */
export const endEvent = (batchId: string): ServerSentEvent => ({ name: "end", data: JSON.stringify({ batchId }) });
