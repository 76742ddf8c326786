import { setTimeout as sleep } from "node:timers/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { batchSubjects, type Fact, type FactName, factSubject, facts, parseSubject, STREAM } from "@polyreel/contract";
import { GENERATION_HEADER } from "./generation.js";
import "../protobuf-text.js";
import { askOnce } from "../flow/retry-until-leader.js";
import { Reader } from "./reader.js";
import type { EventStream } from "./stream.js";

/** A fact as it lies in the stream. */
export type FactMessage<N extends FactName = FactName> = {
  [K in N]: {
    readonly name: K;
    readonly batchId: string;
    readonly fact: Fact<K>;
    /** Position in the stream, from 1. */
    readonly sequence: number;
    readonly time: Date;
    /** How many more matched when this one was sent: 0 means caught up. */
    readonly pending: number;
    /** W3C traceparent of the span it was said in; empty where there was none. */
    readonly traceparent: string;
    /** Position of the `batch.submitted` that it follows from, of that fact its own; 0: the fact does not name it. */
    readonly generation: number;
  };
}[N];

/**
 * A message that carries no fact that can be read: it is passed over, but has its place. Or, at the last one's place and with
 * none pending, word that nothing follows it now.
 */
export interface Unreadable {
  readonly name: undefined;
  readonly sequence: number;
  readonly pending: number;
}

/** A message of the stream as the fact it carries; undefined for what is none. */
export function readFact(message: JsMsg): FactMessage | undefined {
  return told(message.subject, message.data, message.headers, message.seq, message.time, message.info.pending);
}

/** The fact at a position of the stream; undefined where it was removed. */
export async function factAt(stream: EventStream, sequence: number): Promise<FactMessage | undefined> {
  const stored = await askOnce(() => stream.manager.streams.getMessage(STREAM, { seq: sequence }));
  return stored ? told(stored.subject, stored.data, stored.header, stored.seq, stored.time, 0) : undefined;
}

function told(
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
    generation: generationOf(parsed.name, sequence, headers),
  } as FactMessage;
}

const generationOf = (name: FactName, sequence: number, headers: MsgHdrs | undefined): number =>
  name === "batch.submitted" ? sequence : Number(headers?.get(GENERATION_HEADER)) || 0;

/** What is not a fact's message is none: it must not hold up those behind it. */
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

/** Facts that match a subject, as `followMessages` gives them, without those that can't be read. */
export async function* followFacts(stream: EventStream, options: FollowOptions): AsyncGenerator<FactMessage> {
  for await (const told of followMessages(stream, options)) if (told.name) yield told;
}

export interface FollowOptions {
  readonly subject: string;
  readonly afterSequence?: number;
  readonly signal: AbortSignal;
}

/**
 * Messages that match a subject, in order, each once, from `afterSequence` on and then as they are said, until the signal
 * aborts; over every outage. A server that was started again has forgotten who was reading, and a reader notices only after
 * missed heartbeats, half a minute later: so reading begins anew, after the last message, as soon as the server is back. Those
 * that can't be read are told too, and so is that nothing follows, where no message says it: who waits for the newest one must
 * see it pass, also where it is removed before.
 */
export async function* followMessages(
  stream: EventStream,
  { subject, afterSequence = 0, signal }: FollowOptions,
): AsyncGenerator<FactMessage | Unreadable> {
  let sequence = afterSequence;
  while (!signal.aborted) {
    const anew = new AbortController();
    const onChange = (there: boolean) => there && anew.abort();
    stream.broker.on("change", onChange);
    try {
      for await (const told of pullMessages(stream, subject, sequence, AbortSignal.any([signal, anew.signal]))) {
        sequence = told.sequence;
        yield told;
      }
    } catch {
      // The server is away, or was just started: what it says next is what counts.
    } finally {
      stream.broker.off("change", onChange);
    }
    if (!anew.signal.aborted) await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/**
 * Pulled as they are read, so that a slow reader holds nothing up and little in memory. Ends where the server passed messages
 * over, or gives none though there are some.
 */
async function* pullMessages(
  stream: EventStream,
  subject: string,
  afterSequence: number,
  signal: AbortSignal,
): AsyncGenerator<FactMessage | Unreadable> {
  const reader = new Reader(stream, subject, afterSequence);
  if (!(await reader.isBehind())) yield reader.end;
  const consumer = await stream.client.consumers.get(STREAM, {
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
    await stream.broker.attempt(() => consumer.delete()); // an ordered consumer also ends by itself when nobody pulls
  }
}

/** The newest fact of that name in a batch; undefined where there is none, or it can't be read. */
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

/** Position in the stream of the newest fact of a batch, whatever it says; 0 where there is none. */
export const lastPosition = async (stream: EventStream, batchId: string): Promise<number> =>
  (await lastMessage(stream, batchSubjects(batchId)))?.seq ?? 0;

const lastMessage = (stream: EventStream, subject: string) =>
  askOnce(() => stream.manager.streams.getMessage(STREAM, { last_by_subj: subject }));

/**
 * Facts of one name that the stream holds now of a batch, in order, from `afterSequence` on; those said later are left out,
 * and those of another generation than the one that was submitted last.
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
  for await (const told of followMessages(stream, { subject, afterSequence, signal })) {
    const isOther = told.name && current > 0 && told.generation > 0 && told.generation !== current;
    if (told.name && !isOther) yield told as FactMessage<N>;
    // The last one may be removed meanwhile.
    if (told.sequence >= last.seq || (!told.name && told.pending === 0)) return;
  }
  signal.throwIfAborted();
}
