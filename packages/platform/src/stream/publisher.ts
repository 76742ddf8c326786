import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { headers } from "@nats-io/transport-node";
import { type FactName, factSubject, facts, type Progress, ProgressSchema, progressSubject } from "@polyreel/contract";
import { PolyreelError } from "../errors.js";
import "../protobuf-text.js";
import { count } from "../telemetry/metrics/metrics.js";
import { traceparent } from "../telemetry/telemetry.js";
import { GENERATION_HEADER, workedGeneration } from "./generation.js";
import { newestAfter } from "./last-fact.js";
import { MESSAGE_ID } from "./message-id.js";
import { sendIfOpen } from "./send-if-open.js";
import type { EventStream } from "./stream.js";
import { RefusedError, type Written } from "./stream-writer.js";

/** Another header that the server acts on. */
const EXPECTED_LAST = "Nats-Expected-Last-Subject-Sequence";

/** Error codes of the server that are expected outcomes. */
const WRONG_LAST_SEQUENCE = 10071;
const STREAM_FULL = 10077;
/** Somebody publishes on the fact's subject at the same time. */
const MAX_ATTEMPTS = 100;

export type FactInit<N extends FactName> = MessageInitShape<(typeof facts)[N]> & { batchId: string };

export interface PublishOptions {
  /**
   * Subject of the fact, for the message id `<batch>.<generation>.<attempt>.<noun>.<event>.<id>`: the stream drops
   * duplicates.
   */
  readonly id: string;
  /** From 1. */
  readonly attempt?: number;
  /** Of the batch: if omitted or 0, that of the fact being worked on, or else the one this process knows. */
  readonly generation?: number;
}

/** Known generations of batches. */
export interface Generations {
  /** Position of the batch's submission; 0 if unknown. */
  generationOf(batchId: string): number;
}

/** Publishes facts under their batches' subjects, with the active trace. */
export interface Publisher {
  /** Resolves when the stream has it. Throws PolyreelError `unavailable`, or `exhausted` if the stream is full. */
  publish<N extends FactName>(name: N, fact: FactInit<N>, options: PublishOptions): Promise<Written>;
  /** Publishes a fact only if the batch has none of that name; undefined otherwise. */
  publishOnce<N extends FactName>(
    name: N,
    fact: FactInit<N>,
    options?: Pick<PublishOptions, "generation">,
  ): Promise<Written | undefined>;
  /**
   * Publishes a fact only if the batch's last one of that name is at `last` in the stream (0: none); undefined
   * otherwise. `id`: for the message id `<batch>.<generation>.<noun>.<event>.<id>`.
   */
  publishAfter<N extends FactName>(
    name: N,
    fact: FactInit<N>,
    options: Omit<PublishOptions, "attempt"> & { last: number },
  ): Promise<Written | undefined>;
  /** Reports progress, outside the stream: it may be lost. */
  progress(progress: MessageInitShape<typeof ProgressSchema> & Pick<Progress, "batchId">): void;
}

export function createPublisher(stream: EventStream, generations?: Generations): Publisher {
  /** `id`: of the message, within the batch's generation. `last`: position of the last message of that subject. */
  const send = async <N extends FactName>(
    name: N,
    fact: FactInit<N>,
    { id, last, generation: given }: { id: string; last?: number; generation?: number | undefined },
  ): Promise<Written> => {
    const schema = facts[name];
    const payload = toBinary(schema, create(schema, fact as MessageInitShape<typeof schema>));
    const carried = headers();
    carried.set("Polyreel-Type", schema.typeName);
    const parent = traceparent();
    if (parent) carried.set("traceparent", parent);
    const { batchId } = fact;
    const begins = name === "batch.submitted"; // Its own position is the generation.
    const generation = begins ? 0 : given || workedGeneration(batchId) || (generations?.generationOf(batchId) ?? 0);
    if (generation > 0) carried.set(GENERATION_HEADER, String(generation));
    carried.set(MESSAGE_ID, `${batchId}.${generation}.${id}`);
    if (last !== undefined) carried.set(EXPECTED_LAST, String(last));
    try {
      const written = await stream.writer.write(factSubject(name, fact.batchId), payload, carried);
      if (!written.duplicate) count("polyreel.facts", { fact: name });
      return written;
    } catch (error) {
      if (codeOf(error) !== WRONG_LAST_SEQUENCE) count("polyreel.nats.refusals", { fact: name });
      throw error;
    }
  };
  /** What is no fact and was published after the last one, by whomever, hinders nothing. */
  const sendAfter = async <N extends FactName>(
    name: N,
    fact: FactInit<N>,
    to: { id: string; last: number; generation?: number | undefined },
  ): Promise<Written | undefined> => {
    let { last } = to;
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      try {
        const written = await send(name, fact, { ...to, last });
        return written.duplicate ? undefined : written;
      } catch (error) {
        if (codeOf(error) !== WRONG_LAST_SEQUENCE) refuse(error);
      }
      const newest = await newestAfter(stream, name, fact.batchId, last);
      if (newest.fact || newest.sequence === last) return undefined;
      last = newest.sequence;
    }
    throw new PolyreelError("unavailable", {
      reason: `Others publish on ${factSubject(name, fact.batchId)} without end.`,
      remedy: "Let only Polyreel publish below polyreel.: polyreel nats-config writes users with such rights.",
    });
  };
  return {
    publish: (name, fact, { id, attempt = 1, generation }) =>
      send(name, fact, { id: `${attempt}.${name}.${id}`, generation }).catch(refuse),
    publishOnce: (name, fact, { generation } = {}) => sendAfter(name, fact, { id: name, last: 0, generation }),
    publishAfter: (name, fact, { last, id, generation }) =>
      sendAfter(name, fact, { id: `${name}.${id}`, last, generation }),
    progress: (progress) => {
      const payload = toBinary(ProgressSchema, create(ProgressSchema, progress));
      sendIfOpen(() => stream.connection.publish(progressSubject(progress.batchId), payload));
    },
  };
}

const codeOf = (error: unknown): number | undefined => (error instanceof RefusedError ? error.code : undefined);

function refuse(error: unknown): never {
  if (error instanceof PolyreelError) throw error; // A permission that the server denies.
  if (codeOf(error) === STREAM_FULL) {
    throw new PolyreelError(
      "exhausted",
      { reason: "The event stream is full.", remedy: "Remove finished batches, or raise its size." },
      { cause: error, outage: true },
    );
  }
  throw new PolyreelError(
    "unavailable",
    { reason: "The event stream did not take a message.", remedy: "Try again when NATS is back." },
    { cause: error },
  );
}
