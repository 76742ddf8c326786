import { randomUUID } from "node:crypto";
import { headers, type Msg, type NatsConnection, NoRespondersError, RequestError } from "@nats-io/transport-node";
import type { Running } from "../lifecycle.js";
import type { Log } from "../runtime/log.js";
import { sendIfOpen } from "./send-if-open.js";

/** Names the call in its request: what is said of it later goes by that. */
const CALL_HEADER = "Polyreel-Call";

/** Where callers say that they wait no more: to all who may be at it, as nobody knows which of them is. */
const givenUpSubject = (subject: string): string => `${subject}-given-up`;

/**
 * Asks whoever answers first. Throws the signal's reason once it aborts, and then tells the one that is at it to stop; throws
 * as the client does where nobody answers in time.
 */
export async function ask(
  connection: NatsConnection,
  subject: string,
  request: Uint8Array,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const call = randomUUID();
  const named = headers();
  named.set(CALL_HEADER, call);
  const answer = connection.request(subject, request, { timeout: timeoutMs, headers: named });
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(signal.reason);
      sendIfOpen(() => connection.publish(givenUpSubject(subject), call));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    answer.then(({ data }) => resolve(data), reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}

/** Whether a call failed because no process answers calls of its subject; one that is stopped answers late, or never. */
export const hasNoAnswerer = (error: unknown): boolean =>
  error instanceof RequestError ? error.isNoResponders() : error instanceof NoRespondersError;

/**
 * Answers calls; of several processes that share the `queue` each call meets one. The signal aborts when the caller waits no
 * more, and when this is closed: then no answer is sent.
 */
export function answerCalls(
  { connection, log }: { connection: NatsConnection; log: Log },
  { subject, queue }: { subject: string; queue: string },
  answer: (request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>,
): Running {
  const underWay = new Map<Msg, { call: string; stop: AbortController; work: Promise<void> }>();
  const reply = async (message: Msg, { signal }: AbortController) => {
    try {
      const answered = await answer(message.data, signal);
      if (!signal.aborted) message.respond(answered);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, subject }, "a call failed");
    } finally {
      underWay.delete(message);
    }
  };
  const calls = connection.subscribe(subject, {
    queue,
    callback: (error, message) => {
      if (error) return;
      const stop = new AbortController();
      const call = message.headers?.get(CALL_HEADER) ?? "";
      underWay.set(message, { call, stop, work: Promise.resolve().then(() => reply(message, stop)) });
    },
  });
  const partings = connection.subscribe(givenUpSubject(subject), {
    callback: (error, message) => {
      if (error) return;
      const call = message.string();
      for (const one of underWay.values()) {
        if (one.call === call) one.stop.abort(new DOMException("The caller waits no more.", "AbortError"));
      }
    },
  });
  return {
    close: async () => {
      calls.unsubscribe();
      partings.unsubscribe();
      const left = [...underWay.values()];
      for (const { stop } of left) stop.abort(new DOMException("The service is ending.", "AbortError"));
      await Promise.all(left.map(({ work }) => work));
    },
  };
}
