import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { JetStreamApiError, type PubAck } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { type FactName, factSubject, facts, type Progress, ProgressSchema, progressSubject } from "@polyreel/contract";
import { PolyreelError } from "../errors.js";
import { traceparent } from "../telemetry/telemetry.js";
import type { EventStream } from "./stream.js";

/** Codes of the server's refusals that are not mistakes. */
const WRONG_LAST_SEQUENCE = 10071;
const STREAM_FULL = 10077;

export type FactInit<N extends FactName> = MessageInitShape<(typeof facts)[N]> & { batchId: string };

export interface PublishOptions {
  /** What the fact is about, for the message id `<batch>.<attempt>.<noun>.<event>.<id>`: said again, it is dropped. */
  readonly id: string;
  /** From 1. */
  readonly attempt?: number;
}

/** Says facts, in their batches' subjects, with the active trace. */
export interface Publisher {
  /** Resolves when the stream holds it. Throws PolyreelError `unavailable`, or `exhausted` when the stream is full. */
  publish<N extends FactName>(name: N, fact: FactInit<N>, options: PublishOptions): Promise<PubAck>;
  /** Says a fact only if none of that name was ever said of that batch; undefined where one was. */
  publishOnce<N extends FactName>(name: N, fact: FactInit<N>): Promise<PubAck | undefined>;
  /**
   * Says a fact only if the last of that name said of that batch lies at `last` in the stream (0: there was none); undefined
   * where it does not. `id`: for the message id `<batch>.<noun>.<event>.<id>`.
   */
  publishAfter<N extends FactName>(
    name: N,
    fact: FactInit<N>,
    options: { last: number; id: string },
  ): Promise<PubAck | undefined>;
  /** Tells progress, outside the stream: it may be lost. */
  progress(progress: MessageInitShape<typeof ProgressSchema> & Pick<Progress, "batchId">): void;
}

export function createPublisher(stream: EventStream): Publisher {
  /** `last`: position of the last message of that subject, where that matters. */
  const send = async <N extends FactName>(name: N, fact: FactInit<N>, id: string, last?: number): Promise<PubAck> => {
    const schema = facts[name];
    const payload = toBinary(schema, create(schema, fact as MessageInitShape<typeof schema>));
    const carried = headers();
    carried.set("Polyreel-Type", schema.typeName);
    const parent = traceparent();
    if (parent) carried.set("traceparent", parent);
    return await stream.client.publish(factSubject(name, fact.batchId), payload, {
      msgID: id,
      headers: carried,
      ...(last !== undefined && { expect: { lastSubjectSequence: last } }),
    });
  };
  const sendAfter = <N extends FactName>(name: N, fact: FactInit<N>, id: string, last: number) =>
    send(name, fact, id, last).then(
      (ack) => (ack.duplicate ? undefined : ack),
      (error) => (codeOf(error) === WRONG_LAST_SEQUENCE ? undefined : refuse(error)),
    );
  return {
    publish: (name, fact, { id, attempt = 1 }) =>
      send(name, fact, `${fact.batchId}.${attempt}.${name}.${id}`).catch(refuse),
    publishOnce: (name, fact) => sendAfter(name, fact, `${fact.batchId}.${name}`, 0),
    publishAfter: (name, fact, { last, id }) => sendAfter(name, fact, `${fact.batchId}.${name}.${id}`, last),
    progress: (progress) =>
      stream.connection.publish(
        progressSubject(progress.batchId),
        toBinary(ProgressSchema, create(ProgressSchema, progress)),
      ),
  };
}

const codeOf = (error: unknown): number | undefined =>
  error instanceof JetStreamApiError ? error.apiError().err_code : undefined;

function refuse(error: unknown): never {
  if (codeOf(error) === STREAM_FULL) {
    throw new PolyreelError(
      "exhausted",
      { reason: "The event stream is full.", remedy: "Remove finished batches, or raise its size." },
      { cause: error },
    );
  }
  throw new PolyreelError(
    "unavailable",
    { reason: "The event stream did not take a message.", remedy: "Try again when NATS is back." },
    { cause: error },
  );
}
