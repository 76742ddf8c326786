import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { headers, type Msg } from "@nats-io/transport-node";
import { FailureSchema, type ServiceRequest } from "@polyreel/contract";
import pLimit from "p-limit";
import { PolyreelError, toPolyreelError } from "../errors.js";
import type { Running } from "../lifecycle.js";
import type { Log } from "../runtime/log.js";
import { fetchBody, hasBody } from "./request-body.js";
import { FAILURE_HEADER, givenUpSubject, REQUEST_HEADER } from "./send-request.js";
import type { EventStream } from "./stream.js";

/** Limit of queued requests, which are held in memory, up to a megabyte each; larger ones are fetched in their turn. */
const MAX_WAITING = 100;

export interface AnswerOptions {
  /** Limit of concurrent requests; others wait. */
  readonly atOnce: number;
  /** Time limit of a request from its arrival, and the error to reply then. */
  readonly deadline?: { readonly ms: number; readonly error: () => PolyreelError };
}

/**
 * Answers requests; each request reaches one of the processes of a service. Errors of `answer` are sent as failures. Its
 * signal aborts at the deadline, when the requester gives up, and at `close`; in the latter two cases no reply is sent.
 */
export function answerRequests<Request extends DescMessage, Reply extends DescMessage>(
  from: ServiceRequest<Request, Reply>,
  { stream: { connection }, log }: { stream: Pick<EventStream, "connection">; log: Log },
  { atOnce, deadline }: AnswerOptions,
  answer: (request: MessageShape<Request>, signal: AbortSignal) => Promise<MessageInitShape<Reply>>,
): Running {
  const { subject, service, replier } = from;
  const turns = pLimit(atOnce);
  const underWay = new Map<Msg, { name: string; stop: AbortController; work: Promise<void> }>();

  const work = async (message: Msg, signal: AbortSignal): Promise<Uint8Array> => {
    if (turns.pendingCount >= MAX_WAITING) throw tooMany(replier);
    const small = hasBody(message) ? undefined : read(from.request, message.data);
    const replied = await turns(async () => {
      signal.throwIfAborted(); // The requester gave up while it waited.
      return answer(small ?? read(from.request, await fetchBody(connection, message, signal)), signal);
    });
    return toBinary(from.reply, create(from.reply, replied));
  };
  const reply = async (message: Msg, { signal: unwanted }: AbortController): Promise<void> => {
    const late = deadline && AbortSignal.timeout(deadline.ms);
    try {
      const bytes = await work(message, late ? AbortSignal.any([unwanted, late]) : unwanted);
      if (!unwanted.aborted) message.respond(bytes);
    } catch (thrown) {
      if (unwanted.aborted) return log.info({ subject }, "stopped an abandoned request");
      const error = deadline && late?.aborted ? deadline.error() : toPolyreelError(thrown);
      log[error.code === "internal" ? "error" : "info"]({ err: error, subject }, "could not answer a request");
      respondFailure(message, error);
    } finally {
      underWay.delete(message);
    }
  };
  const requests = connection.subscribe(subject, {
    queue: service,
    callback: (error, message) => {
      if (error) return;
      const stop = new AbortController();
      const name = message.headers?.get(REQUEST_HEADER) ?? "";
      underWay.set(message, { name, stop, work: Promise.resolve().then(() => reply(message, stop)) });
    },
  });
  const givenUp = connection.subscribe(givenUpSubject(subject), {
    callback: (error, message) => {
      if (error) return;
      const name = message.string();
      for (const one of underWay.values()) {
        if (one.name === name) one.stop.abort(new DOMException("The requester gave up.", "AbortError"));
      }
    },
  });
  return {
    close: async () => {
      requests.unsubscribe();
      givenUp.unsubscribe();
      const left = [...underWay.values()];
      for (const { stop } of left) stop.abort(new DOMException("The service is ending.", "AbortError"));
      await Promise.all(left.map((one) => one.work));
    },
  };
}

function read<Request extends DescMessage>(schema: Request, bytes: Uint8Array): MessageShape<Request> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new PolyreelError("invalid", "The request can't be read.", { cause: error });
  }
}

function respondFailure(message: Msg, { failure }: PolyreelError): void {
  const refused = headers();
  refused.set(FAILURE_HEADER, Buffer.from(toBinary(FailureSchema, failure)).toString("base64"));
  message.respond(undefined, { headers: refused });
}

const tooMany = (replier: string): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `Too many requests wait for the ${replier}.`,
    remedy: "Call again later, or run more instances of the service.",
  });
