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

/** Every fact in the stream, by `<noun>.<event>`, with the type of its message. */
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

/** `<noun>.<event>`; `*` stands for every noun or event. */
export type FactPattern = FactName | `${string}.*` | `*.${string}`;

/** Whether a pattern includes a fact. */
export function isFactLike(name: FactName, pattern: string): boolean {
  const [noun, event] = name.split(".");
  const [anyNoun, anyEvent, ...rest] = pattern.split(".");
  return rest.length === 0 && (anyNoun === "*" || anyNoun === noun) && (anyEvent === "*" || anyEvent === event);
}

/** The stream that contains all facts, and its subjects. */
export const STREAM = "POLYREEL";
export const STREAM_SUBJECTS = "polyreel.*.*.*";

/** Subject of a fact: exactly four tokens, `polyreel.<noun>.<event>.<batch id>`. */
export const factSubject = (name: FactName, batchId: string): string => `polyreel.${name}.${batchId}`;

/** Subject filter for all facts of one batch. */
export const batchSubjects = (batchId: string): string => `polyreel.*.*.${batchId}`;

/** The fact name and batch id in a subject; undefined for other subjects. */
export function parseSubject(subject: string): { name: FactName; batchId: string } | undefined {
  const [root, noun, event, batchId, ...rest] = subject.split(".");
  const name = `${noun}.${event}`;
  if (root !== "polyreel" || !batchId || rest.length > 0 || !Object.hasOwn(facts, name)) return undefined;
  return { name: name as FactName, batchId };
}

/** Progress of a batch: core NATS, outside the stream; may be lost. */
export const progressSubject = (batchId: string): string => `polyreel-progress.${batchId}`;
