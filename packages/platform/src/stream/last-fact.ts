import type { StoredMsg } from "@nats-io/jetstream";
import { batchSubjects, type FactName, factSubject, STREAM } from "@polyreel/contract";
import { type FactMessage, storedFact } from "./fact-message.js";
import { requestOnce } from "./request-once.js";
import type { EventStream } from "./stream.js";

type Reading = Pick<EventStream, "connection" | "manager">;

/**
 * The newest fact of that name in a batch; undefined if there is none. Unreadable messages on its subject do not hide it:
 * they are passed over, which takes a request for each message of the subject.
 */
export async function lastFact<N extends FactName>(
  stream: Reading,
  name: N,
  batchId: string,
): Promise<FactMessage<N> | undefined> {
  const stored = await lastMessage(stream, factSubject(name, batchId));
  if (!stored) return undefined;
  return (storedFact(stored) as FactMessage<N> | undefined) ?? (await newestAfter(stream, name, batchId, 0)).fact;
}

/** The newest readable fact of that name in a batch after a position, and the position of the newest message. */
export async function newestAfter<N extends FactName>(
  stream: Reading,
  name: N,
  batchId: string,
  afterSequence: number,
): Promise<{ fact: FactMessage<N> | undefined; sequence: number }> {
  let sequence = afterSequence;
  let fact: FactMessage<N> | undefined;
  for (;;) {
    const query = { seq: sequence + 1, next_by_subj: factSubject(name, batchId) };
    const stored = await messageAt(stream, query);
    if (!stored) return { fact, sequence };
    fact = (storedFact(stored) as FactMessage<N> | undefined) ?? fact;
    sequence = stored.seq;
  }
}

/** The fact at a position of the stream; undefined if it was removed. */
export async function factAt(stream: Reading, sequence: number): Promise<FactMessage | undefined> {
  const stored = await messageAt(stream, { seq: sequence });
  return stored ? storedFact(stored) : undefined;
}

/** Position in the stream of the newest fact of a batch, readable or not; 0 if there is none. */
export const lastPosition = (stream: Reading, batchId: string): Promise<number> =>
  lastPositionOf(stream, batchSubjects(batchId));

/** Position in the stream of the newest message that matches a subject; 0 if there is none. */
export const lastPositionOf = async (stream: Reading, subject: string): Promise<number> =>
  (await lastMessage(stream, subject))?.seq ?? 0;

const lastMessage = (stream: Reading, subject: string) => messageAt(stream, { last_by_subj: subject });

const messageAt = (
  { connection, manager }: Reading,
  query: Parameters<EventStream["manager"]["streams"]["getMessage"]>[1],
): Promise<StoredMsg | null> => requestOnce(connection, () => manager.streams.getMessage(STREAM, query));
