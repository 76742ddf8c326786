import { fromBinary } from "@bufbuild/protobuf";
import type { JsMsg, StoredMsg } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { type Fact, type FactName, facts, parseSubject } from "@polyreel/contract";
import { GENERATION_HEADER } from "./generation.js";
import { MESSAGE_ID } from "./message-id.js";
import "../protobuf-text.js";

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

/** Parses a message of the stream as a fact; undefined if it is none. */
export function readFact(message: JsMsg): FactMessage | undefined {
  return factMessageOf(message.subject, message.data, message.headers, message.seq, message.time, message.info.pending);
}

/** The same for a message that was asked for. */
export const storedFact = ({ subject, data, header, seq, time }: StoredMsg): FactMessage | undefined =>
  factMessageOf(subject, data, header, seq, time, 0);

function factMessageOf(
  subject: string,
  data: Uint8Array,
  headers: MsgHdrs | undefined,
  sequence: number,
  time: Date,
  pending: number,
): FactMessage | undefined {
  const parsed = parseSubject(subject);
  const fact = parsed && decode(parsed.name, parsed.batchId, data);
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

/**
 * An unreadable message counts as none: it must not block later ones. Nor is a message a fact of a batch that does not name
 * it: random bytes, or none at all, may be a message of protobuf.
 */
function decode(name: FactName, batchId: string, data: Uint8Array): Fact | undefined {
  try {
    const fact = fromBinary(facts[name], data);
    return fact.batchId === batchId ? fact : undefined;
  } catch {
    return undefined;
  }
}
