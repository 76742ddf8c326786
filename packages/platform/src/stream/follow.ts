import { setTimeout as sleep } from "node:timers/promises";
import { DeliverPolicy } from "@nats-io/jetstream";
import { type FactName, factSubject, STREAM } from "@polyreel/contract";
import { type FactMessage, readFact } from "./fact-message.js";
import { lastFact, lastPositionOf } from "./last-fact.js";
import { readerName } from "./own-identity.js";
import { Reader } from "./reader.js";
import { rightRefusedIn } from "./rights.js";
import type { EventStream } from "./stream.js";

/**
 * A message without a readable fact: it is skipped, but has a position. Or, without a subject, with the position of the last
 * message and nothing pending, a notification that nothing follows at present.
 */
export interface Unreadable {
  readonly name: undefined;
  readonly subject?: string;
  readonly sequence: number;
  readonly pending: number;
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
    name_prefix: readerName(stream.connection),
    filter_subjects: subject,
    inactive_threshold: stream.readersKeptMs,
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
      yield readFact(message) ?? { name: undefined, subject: message.subject, sequence, pending: info.pending };
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
  const last = await lastPositionOf(stream, subject);
  if (last <= afterSequence) return;
  const current = (await lastFact(stream, "batch.submitted", batchId))?.sequence ?? 0;
  for await (const message of followMessages(stream, { subject, afterSequence, signal })) {
    const isOther = message.name && current > 0 && message.generation > 0 && message.generation !== current;
    if (message.name && !isOther) yield message as FactMessage<N>;
    // The last one may be removed meanwhile.
    if (message.sequence >= last || (!message.name && message.pending === 0)) return;
  }
  signal.throwIfAborted();
}
