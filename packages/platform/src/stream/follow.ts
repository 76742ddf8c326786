import { setTimeout as sleep } from "node:timers/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { batchSubjects, type Fact, type FactName, factSubject, facts, parseSubject, STREAM } from "@polyreel/contract";
import { GENERATION_HEADER } from "./generation.js";
import { MESSAGE_ID } from "./message-id.js";
import "../protobuf-text.js";
import { Reader } from "./reader.js";
import { requestOnce } from "./request-once.js";
import { rightRefusedIn } from "./rights.js";
import type { EventStream } from "./stream.js";

/** A fact with its metadata in the stream. */
export type FactMessage<N extends FactName = FactName> = {
  [K in N]: {
    readonly name: K;
    readonly batchId: string;
    readonly fact: Fact<K>;
    /** Position in the stream, from 1. */
    readonly sequence: number;
    readonly time: Date;
    /** Number of further matches when this one was sent: 0 means caught up. */
    readonly pending: number;
    /** W3C traceparent of the publishing span; empty if there was none. */
    readonly traceparent: string;
    /** By which the stream dropped duplicates of it; empty if it has none. */
    readonly messageId: string;
    /** Position of the `batch.submitted` that it belongs to, for that fact its own; 0 if the fact does not state it. */
    readonly generation: number;
  };
}[N];

/**
 * A message without a readable fact: it is skipped, but has a position. Or, with the position of the last message and
 * nothing pending, a notification that nothing follows at present.
 */
export interface Unreadable {
  readonly name: undefined;
  readonly sequence: number;
  readonly pending: number;
}

/** Parses a message of the stream as a fact; undefined if it is none. */
export function readFact(message: JsMsg): FactMessage | undefined {
  return factMessageOf(message.subject, message.data, message.headers, message.seq, message.time, message.info.pending);
}

/** The fact at a position of the stream; undefined if it was removed. */
export async function factAt(stream: EventStream, sequence: number): Promise<FactMessage | undefined> {
  const stored = await requestOnce(stream.connection, () =>
    stream.manager.streams.getMessage(STREAM, { seq: sequence }),
  );
  return stored ? factMessageOf(stored.subject, stored.data, stored.header, stored.seq, stored.time, 0) : undefined;
}

function factMessageOf(
  subject: string,
  data: Uint8Array,
  headers: MsgHdrs | undefined,
  sequence: number,
  time: Date,
  pending: number,
): FactMessage | undefined {
  const parsed = parseSubject(subject);
  const fact = parsed && decode(parsed.name, data);
  if (!fact) return undefined;
  return {
    ...parsed,
    fact,
    sequence,
    time,
    pending,
    traceparent: headers?.get("traceparent") ?? "",
    messageId: headers?.get(MESSAGE_ID) ?? "",
    generation: generationOf(parsed.name, sequence, headers),
  } as FactMessage;
}

const generationOf = (name: FactName, sequence: number, headers: MsgHdrs | undefined): number =>
  name === "batch.submitted" ? sequence : Number(headers?.get(GENERATION_HEADER)) || 0;

/** An unreadable message counts as none: it must not block later ones. */
function decode(name: FactName, data: Uint8Array): Fact | undefined {
  try {
    return fromBinary(facts[name], data);
  } catch {
    return undefined;
  }
}

const RETRY_MS = 1000;

/** A reader whose server died, one of several, misses its heartbeats: one each half of this. */
const PULL_MS = 6_000;

/** Facts that match a subject, like `followMessages`, without unreadable ones. */
export async function* followFacts(stream: EventStream, options: FollowOptions): AsyncGenerator<FactMessage> {
  for await (const message of followMessages(stream, options)) if (message.name) yield message;
}

export interface FollowOptions {
  readonly subject: string;
  readonly afterSequence?: number;
  readonly signal: AbortSignal;
}

/**
 * Messages that match a subject, in order, each once, from `afterSequence` on and then live, until the signal aborts;
 * across outages. A restarted server has forgotten its readers, and a reader notices only after missed heartbeats, half
 * a minute later: so reading restarts after the last message as soon as the server is back. Unreadable messages are
 * included, and so are notifications that nothing follows, if no message shows it: a caller that waits for the newest
 * one must see its position pass, even if it is removed before. Throws PolyreelError `unavailable` if the server denies the
 * permission.
 */
export async function* followMessages(
  stream: EventStream,
  { subject, afterSequence = 0, signal }: FollowOptions,
): AsyncGenerator<FactMessage | Unreadable> {
  let sequence = afterSequence;
  while (!signal.aborted) {
    const restart = new AbortController();
    const onChange = (there: boolean) => there && restart.abort();
    stream.broker.on("change", onChange);
    try {
      for await (const message of pullMessages(stream, subject, sequence, AbortSignal.any([signal, restart.signal]))) {
        sequence = message.sequence;
        yield message;
      }
    } catch (error) {
      const refused = rightRefusedIn(error, stream.connection);
      if (refused) throw refused;
      // The server is disconnected, or was just started: reading restarts.
    } finally {
      stream.broker.off("change", onChange);
    }
    if (!restart.signal.aborted) await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/**
 * Pulled on demand, so that a slow reader blocks nothing and needs little memory. Ends if the server skipped messages,
 * or delivers none although there are some.
 */
async function* pullMessages(
  stream: EventStream,
  subject: string,
  afterSequence: number,
  signal: AbortSignal,
): AsyncGenerator<FactMessage | Unreadable> {
  const reader = new Reader(stream, subject, afterSequence);
  if (!(await reader.isBehind())) yield reader.end;
  const consumer = await stream.readers.consumers.get(STREAM, {
    filter_subjects: subject,
    ...(afterSequence > 0
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: afterSequence + 1 }
      : { deliver_policy: DeliverPolicy.All }),
  });
  const messages = await consumer.consume({ max_messages: 500, expires: PULL_MS });
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const lookAway = reader.lookAfter(consumer, stop);
  try {
    for await (const message of messages) {
      const { seq: sequence, info } = message;
      if (await reader.wasPassedOver(sequence, info.pending)) return;
      yield readFact(message) ?? { name: undefined, sequence, pending: info.pending };
      reader.waits();
    }
    if (reader.isAtEnd) yield reader.end;
  } finally {
    lookAway();
    signal.removeEventListener("abort", stop);
    messages.stop();
    await stream.broker.attempt(() => consumer.delete()); // An ordered consumer also expires without pulls.
  }
}

/** The newest fact of that name in a batch; undefined if there is none, or it cannot be read. */
export async function lastFact<N extends FactName>(
  stream: EventStream,
  name: N,
  batchId: string,
): Promise<{ fact: Fact<N>; sequence: number; traceparent: string; generation: number } | undefined> {
  const stored = await lastMessage(stream, factSubject(name, batchId));
  const fact = stored && (decode(name, stored.data) as Fact<N> | undefined);
  if (!stored || !fact) return undefined;
  const generation = generationOf(name, stored.seq, stored.header);
  return { fact, sequence: stored.seq, traceparent: stored.header.get("traceparent"), generation };
}

/** Position in the stream of the newest fact of a batch, readable or not; 0 if there is none. */
export const lastPosition = (stream: EventStream, batchId: string): Promise<number> =>
  lastPositionOf(stream, batchSubjects(batchId));

/** Position in the stream of the newest message that matches a subject; 0 if there is none. */
export const lastPositionOf = async (stream: EventStream, subject: string): Promise<number> =>
  (await lastMessage(stream, subject))?.seq ?? 0;

const lastMessage = (stream: EventStream, subject: string) =>
  requestOnce(stream.connection, () => stream.manager.streams.getMessage(STREAM, { last_by_subj: subject }));

/**
 * Facts of one name that the stream currently has of a batch, in order, from `afterSequence` on; excludes later ones,
 * and those of other generations than the last submitted one.
 */
export async function* factsSoFar<N extends FactName>(
  stream: EventStream,
  name: N,
  batchId: string,
  { afterSequence = 0, signal }: { afterSequence?: number; signal: AbortSignal },
): AsyncGenerator<FactMessage<N>> {
  const subject = factSubject(name, batchId);
  const last = await lastMessage(stream, subject);
  if (!last || last.seq <= afterSequence) return;
  const current = (await lastMessage(stream, factSubject("batch.submitted", batchId)))?.seq ?? 0;
  for await (const message of followMessages(stream, { subject, afterSequence, signal })) {
    const isOther = message.name && current > 0 && message.generation > 0 && message.generation !== current;
    if (message.name && !isOther) yield message as FactMessage<N>;
    // The last one may be removed meanwhile.
    if (message.sequence >= last.seq || (!message.name && message.pending === 0)) return;
  }
  signal.throwIfAborted();
}
