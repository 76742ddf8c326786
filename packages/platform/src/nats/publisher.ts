import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { headers } from "@nats-io/transport-node";
import { type FactName, factSubject, facts, type Progress, ProgressSchema, progressSubject } from "@polyreel/contract";
import { PolyreelError } from "../errors.js";
import "../protobuf-text.js";
import { traceparent } from "../telemetry/telemetry.js";
import { sendIfOpen } from "./send-if-open.js";
import type { EventStream } from "./stream.js";
import { RefusedError, type Written } from "./stream-writer.js";

/** Headers that the server acts on. */
const MESSAGE_ID = "Nats-Msg-Id";
const EXPECTED_LAST = "Nats-Expected-Last-Subject-Sequence";

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
  publish<N extends FactName>(name: N, fact: FactInit<N>, options: PublishOptions): Promise<Written>;
  /** Says a fact only if none of that name was ever said of that batch; undefined where one was. */
  publishOnce<N extends FactName>(name: N, fact: FactInit<N>): Promise<Written | undefined>;
  /**
   * Says a fact only if the last of that name said of that batch lies at `last` in the stream (0: there was none); undefined
   * where it does not. `id`: for the message id `<batch>.<noun>.<event>.<id>`.
   */
  publishAfter<N extends FactName>(
    name: N,
    fact: FactInit<N>,
    options: { last: number; id: string },
  ): Promise<Written | undefined>;
  /** Tells progress, outside the stream: it may be lost. */
  progress(progress: MessageInitShape<typeof ProgressSchema> & Pick<Progress, "batchId">): void;
}

export function createPublisher(stream: EventStream): Publisher {
  /** `last`: position of the last message of that subject, where that matters. */
  const send = async <N extends FactName>(name: N, fact: FactInit<N>, id: string, last?: number): Promise<Written> => {
    const schema = facts[name];
    const payload = toBinary(schema, create(schema, fact as MessageInitShape<typeof schema>));
    const carried = headers();
    carried.set("Polyreel-Type", schema.typeName);
    const parent = traceparent();
    if (parent) carried.set("traceparent", parent);
    carried.set(MESSAGE_ID, id);
    if (last !== undefined) carried.set(EXPECTED_LAST, String(last));
    return stream.writer.write(factSubject(name, fact.batchId), payload, carried);
  };
  const sendAfter = <N extends FactName>(name: N, fact: FactInit<N>, id: string, last: number) =>
    send(name, fact, id, last).then(
      (written) => (written.duplicate ? undefined : written),
      (error) => (codeOf(error) === WRONG_LAST_SEQUENCE ? undefined : refuse(error)),
    );
  return {
    publish: (name, fact, { id, attempt = 1 }) =>
      send(name, fact, `${fact.batchId}.${attempt}.${name}.${id}`).catch(refuse),
    publishOnce: (name, fact) => sendAfter(name, fact, `${fact.batchId}.${name}`, 0),
    publishAfter: (name, fact, { last, id }) => sendAfter(name, fact, `${fact.batchId}.${name}.${id}`, last),
    progress: (progress) => {
      const payload = toBinary(ProgressSchema, create(ProgressSchema, progress));
      sendIfOpen(() => stream.connection.publish(progressSubject(progress.batchId), payload));
    },
  };
}

const codeOf = (error: unknown): number | undefined => (error instanceof RefusedError ? error.code : undefined);

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
