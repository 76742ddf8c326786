import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "@polyreel/platform/log.js";
import { followFacts, type Told } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import type { Broker } from "./broker.js";

const RETRY_MS = 1000;

/**
 * Facts that match a subject, in order, each once, until the signal aborts; over every outage. A server that was started
 * again has forgotten who was reading, and a reader notices only after missed heartbeats, half a minute later: so reading
 * begins anew, after the last fact, as soon as the server is back.
 */
export async function* lastingFacts(
  { stream, broker, log }: { stream: EventStream; broker: Broker; log: Log },
  { subject, afterSequence, signal }: { subject: string; afterSequence: number; signal: AbortSignal },
): AsyncGenerator<Told> {
  let sequence = afterSequence;
  while (!signal.aborted) {
    const anew = new AbortController();
    const onChange = (there: boolean) => there && anew.abort();
    broker.on("change", onChange);
    try {
      const until = AbortSignal.any([signal, anew.signal]);
      for await (const told of followFacts(stream, { subject, afterSequence: sequence, signal: until })) {
        sequence = told.sequence;
        yield told;
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, subject }, "reading the event stream failed; it goes on in a moment");
    } finally {
      broker.off("change", onChange);
    }
    if (!anew.signal.aborted) await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}
