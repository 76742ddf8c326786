import { create } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  batchSubjects,
  factSubject,
  type ReadFactsRequest,
  type ReadFactsResponse,
  ReadFactsResponseSchema,
} from "@polyreel/contract";
import { type FactMessage, followFacts, followMessages, lastPositionOf, sequenceAt } from "@polyreel/platform/stream";
import type { Call } from "../call/call.js";
import type { KnownBatch } from "../read-model/read-model.js";
import type { BatchDeps } from "./deps.js";
import { type FactFilter, factFilter } from "./fact-filter.js";
import { knownBatch } from "./known-batch.js";
import { assertWithin, gatewayEnds, isOver } from "./stream-reading.js";

/**
 * Streams a batch's facts as the stream has them, as fast as the client reads: few are read ahead, and none is kept. Throws
 * PolyreelError `not_found` for an unknown batch, `invalid` for an unknown type, and `out_of_range` for a position that
 * the stream has not reached.
 */
export function readFacts(deps: BatchDeps) {
  return async function* (request: ReadFactsRequest, { scope, signal }: Call): AsyncGenerator<ReadFactsResponse> {
    const limit = request.limit > 0n ? request.limit : Number.POSITIVE_INFINITY;
    const filter = factFilter(request);
    const known = await knownBatch(deps.model, request.batchId, scope);
    const afterSequence = await startOf(deps, request);
    const gone = AbortSignal.any([signal, deps.draining]);
    const messages = request.follow
      ? factsToTheEnd(deps, known, afterSequence, gone)
      : presentFacts(deps, { ...filter, batchId: request.batchId, afterSequence }, gone);
    let read = 0;
    for await (const message of messages) {
      if (isStale(message, known) || !filter.includes(message)) continue;
      yield responseOf(message);
      if (++read >= limit) return;
    }
    if (deps.draining.aborted) throw gatewayEnds("after_sequence");
  };
}

/** Position after which a request reads. */
async function startOf({ stream }: BatchDeps, { afterSequence, since }: ReadFactsRequest): Promise<number> {
  const after = Number(afterSequence);
  if (after > 0) await assertWithin(stream, after, "after_sequence");
  return since ? Math.max(after, (await sequenceAt(stream, timestampDate(since))) - 1) : after;
}

/** Facts that the stream has now. */
async function* presentFacts(
  { stream }: BatchDeps,
  { noun, event, batchId, afterSequence }: Omit<FactFilter, "includes"> & { batchId: string; afterSequence: number },
  signal: AbortSignal,
): AsyncGenerator<FactMessage> {
  const subject = `polyreel.${noun}.${event}.${batchId}`;
  let last = await lastPositionOf(stream, subject);
  if (last <= afterSequence) return;
  for await (const message of followMessages(stream, { subject, afterSequence, signal })) {
    if (message.name) yield message;
    // The last one may have been removed meanwhile; but nats-server 2.9 says that none is pending one message too early.
    if (message.pending === 0) last = await lastPositionOf(stream, subject);
    if (message.sequence >= last) return;
  }
}

/** Facts up to the batch's end, or its deletion. */
async function* factsToTheEnd(
  { stream }: BatchDeps,
  known: KnownBatch,
  afterSequence: number,
  signal: AbortSignal,
): AsyncGenerator<FactMessage> {
  const { finishedSequence = Number.POSITIVE_INFINITY, run } = known;
  const { batchId } = known.status;
  if (finishedSequence <= afterSequence && (await isOver(stream, batchId, run, signal))) return;
  for await (const message of followFacts(stream, { subject: batchSubjects(batchId), afterSequence, signal })) {
    yield message;
    if (isStale(message, known)) continue;
    if (message.name === "batch.deleting" || message.name === "batch.deleted") return;
    if (message.name !== "batch.finished") continue;
    if (await isOver(stream, batchId, Math.max(1, message.fact.run), signal)) return;
  }
}

/** Whether a fact is of an earlier batch with this id. */
const isStale = (fact: FactMessage, known: KnownBatch): boolean =>
  fact.generation > 0 && fact.generation < known.generation;

/** The case of a response by the type of its message. */
const CASES = new Map(
  ReadFactsResponseSchema.oneofs[0]?.fields.map(({ message, localName }) => [message?.typeName, localName]),
);

/** Converts a fact to the message for clients. */
export function responseOf({ name, batchId, fact, sequence, time, messageId }: FactMessage): ReadFactsResponse {
  const init = { sequence: BigInt(sequence), time: timestampFromDate(time), subject: factSubject(name, batchId) };
  const content = { case: CASES.get(fact.$typeName), value: fact } as ReadFactsResponse["fact"];
  return create(ReadFactsResponseSchema, { ...init, messageId, type: name, fact: content });
}
