import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import {
  BatchCancelledSchema,
  BatchDeletedSchema,
  BatchDeletingSchema,
  BatchFinishedSchema,
  BatchPlannedSchema,
  BatchRequeuedSchema,
  BatchResumedSchema,
  BatchSubmittedSchema,
  CombinationDeliveredSchema,
  CombinationFailedSchema,
  CombinationPlannedSchema,
  CombinationRejectedSchema,
  CombinationRenderedSchema,
} from "./gen/polyreel/v1/events_pb.js";
import { partFacts } from "./part-facts.js";

/** Every fact in the stream, by `<noun>.<event>`, with the message it carries. */
export const facts = {
  "batch.submitted": BatchSubmittedSchema,
  "batch.planned": BatchPlannedSchema,
  "batch.cancelled": BatchCancelledSchema,
  "batch.deleting": BatchDeletingSchema,
  "batch.deleted": BatchDeletedSchema,
  "batch.finished": BatchFinishedSchema,
  "batch.resumed": BatchResumedSchema,
  "batch.requeued": BatchRequeuedSchema,
  ...partFacts,
  "combination.planned": CombinationPlannedSchema,
  "combination.rendered": CombinationRenderedSchema,
  "combination.delivered": CombinationDeliveredSchema,
  "combination.rejected": CombinationRejectedSchema,
  "combination.failed": CombinationFailedSchema,
} as const satisfies Record<string, DescMessage>;

export type FactName = keyof typeof facts;
export type Fact<N extends FactName = FactName> = MessageShape<(typeof facts)[N]>;

/** The one stream that all facts lie in, and the subjects it takes. */
export const STREAM = "POLYREEL";
export const STREAM_SUBJECTS = "polyreel.*.*.*";

/** Subject of a fact: exactly four tokens, `polyreel.<noun>.<event>.<batch id>`. */
export const factSubject = (name: FactName, batchId: string): string => `polyreel.${name}.${batchId}`;

/** All facts of one batch. */
export const batchSubjects = (batchId: string): string => `polyreel.*.*.${batchId}`;

/** Which fact a subject carries, and of which batch; undefined for a subject that is none. */
export function parseSubject(subject: string): { name: FactName; batchId: string } | undefined {
  const [root, noun, event, batchId, ...rest] = subject.split(".");
  const name = `${noun}.${event}`;
  if (root !== "polyreel" || !batchId || rest.length > 0 || !Object.hasOwn(facts, name)) return undefined;
  return { name: name as FactName, batchId };
}

/** Progress of a batch: core NATS, outside the stream; it may be lost. */
export const progressSubject = (batchId: string): string => `polyreel-progress.${batchId}`;
