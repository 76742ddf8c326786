import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { JsMsg } from "@nats-io/jetstream";
import type { FactName } from "@polyreel/contract";
import { FailureCode } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { count, record } from "@polyreel/platform/metrics";
import { workOn } from "@polyreel/platform/runtime";
import type { EventStream } from "@polyreel/platform/stream";
import { type FactMessage, factAt, inGeneration, lastFact, readFact, serverOf } from "@polyreel/platform/stream";
import { type Span, SpanKind, timed, within } from "@polyreel/platform/telemetry";
import { type AttemptsLog, type DeliveryAttempts, NO_ATTEMPTS } from "./delivery-attempts.js";
import type { FairSlots } from "./fair-slots.js";
import { afterTries, MAX_LOST, MAX_TRIES, outcomeOf, type RetryPolicy } from "./outcome.js";
import type { StageDeps, StageOptions, Work } from "./stage.js";
import type { StopSignals } from "./stop-signals.js";
import { type Losses, Turn } from "./turn.js";

/** Dependencies of a stage that answers its messages. */
export interface AnswerDeps extends StageDeps {
  /** The consumer that delivered the message. */
  readonly durable: string;
  readonly slots: FairSlots;
  readonly stopSignals: StopSignals;
  readonly attemptsLog: AttemptsLog;
}

/** A message that this process works on. */
interface Delivery<N extends FactName> {
  readonly jsMsg: JsMsg;
  readonly message: FactMessage<N>;
  /** Earlier attempts. */
  readonly attempts: DeliveryAttempts;
  /** Its key in the attempts log. */
  readonly key: string;
}

/**
 * Until then the process that takes over has a pull waiting at the server: 2.9.10 mixes up messages that are
 * redelivered while none is waiting.
 */
const HAND_OVER_MS = 1_000;
/** Delay before a failed read or publish is retried. */
const RETRY_MS = 1_000;

/** Handles one message and answers it; never throws. */
export async function answer<N extends FactName>(
  jsMsg: JsMsg,
  options: StageOptions<N>,
  deps: AnswerDeps,
): Promise<void> {
  const { stream, batches, telemetry, stopSignals, log } = deps;
  if (jsMsg.redelivered) count("polyreel.stage.redelivered", { stage: options.name });
  let delivery: Delivery<N> | undefined;
  try {
    delivery = await openDelivery(jsMsg, deps);
  } catch (error) {
    log.warn({ err: error, sequence: jsMsg.seq }, "could not read a redelivered message; retrying");
    return jsMsg.nak(RETRY_MS);
  }
  // Drop messages that are not facts, and work on a deleted batch. Stages over all batches also work after a batch has
  // ended or was deleted: their handlers check that themselves.
  if (!delivery || (options.over === "live-batches" && batches.isStale(delivery.message))) return jsMsg.term();
  const { message } = delivery;
  const batchSignal = options.over === "live-batches" ? batches.signalOf(message.batchId) : undefined;
  const signal = batchSignal ? stopSignals.with(batchSignal) : stopSignals.shutdown;
  const attributes = {
    "messaging.system": "nats",
    "messaging.operation.type": "process",
    "messaging.operation.name": "process",
    "messaging.message.id": String(jsMsg.seq),
    "messaging.destination.name": `polyreel.${options.fact}`,
    "messaging.consumer.group.name": options.name,
    ...serverOf(stream.connection),
    "polyreel.batch.id": message.batchId,
  };
  let processing: Span | undefined;
  try {
    const postponedMs = await telemetry.span(
      `process polyreel.${options.fact}`,
      { kind: SpanKind.CONSUMER, parent: message.traceparent, attributes },
      (span) => {
        processing = span;
        return workOn({ stage: options.name, batch: message.batchId }, () =>
          inGeneration(message, () => work(delivery, options, deps, { signal, log, span })),
        );
      },
    );
    if (postponedMs === undefined) stream.outbox.add(() => jsMsg.ack());
    else await postpone(delivery, postponedMs, deps);
  } catch (thrown) {
    if (batchSignal?.aborted) return jsMsg.term(); // The batch has ended.
    if (stopSignals.shutdown.aborted) return handOver(jsMsg);
    const answering = () => answerFailure(delivery, toPolyreelError(thrown), options, deps);
    await (processing ? within(processing, answering) : answering());
  }
}

/** Reads a message and its earlier attempts. Undefined if it is not a fact. */
async function openDelivery<N extends FactName>(
  jsMsg: JsMsg,
  { stream, durable, attemptsLog }: AnswerDeps,
): Promise<Delivery<N> | undefined> {
  const message = (await readMessage(stream, jsMsg)) as FactMessage<N> | undefined;
  const key = `${durable}.${jsMsg.seq}`;
  if (!message || !jsMsg.redelivered) return message && { jsMsg, message, attempts: NO_ATTEMPTS, key };
  return { jsMsg, message, attempts: await attemptsLog.of(key), key };
}

/**
 * nats-server 2.9.10 (Debian 12) may redeliver a message with the payload of another one, but the right sequence; so a
 * redelivered message is read from the stream by its sequence. Newer servers are correct, and redelivery is rare.
 */
const readMessage = async (stream: EventStream, jsMsg: JsMsg): Promise<FactMessage | undefined> =>
  jsMsg.redelivered ? factAt(stream, jsMsg.seq) : readFact(jsMsg);

/** Returns the delay after which the message is to be looked at again, if it is to be. */
async function work<N extends FactName>(
  { jsMsg, message, attempts, key }: Delivery<N>,
  options: StageOptions<N>,
  { stream, slots, batches, stopSignals, attemptsLog }: AnswerDeps,
  { signal, log, span }: Pick<Work, "signal" | "log" | "span">,
): Promise<number | undefined> {
  if (attempts.lost >= MAX_LOST && !options.untilDone) {
    throw new PolyreelError("invalid", {
      code: FailureCode.INTERNAL,
      reason: `The service died in each of ${attempts.lost} attempts.`,
      remedy: "Look for this trace in the service's log; leave out this choice.",
    });
  }
  const losses: Losses = {
    begin: () => attemptsLog.keep(key, { ...attempts, lost: attempts.lost + 1 }),
    end: async () => {
      if (stream.broker.there) await attemptsLog.keep(key, attempts);
    },
  };
  await using _wanted = options.wanted?.(message.fact);
  const weight = batches.weightOf(message.batchId);
  const turn = new Turn(
    () => timed("wait for slot", () => slots.acquire(message.batchId, signal, weight)),
    jsMsg.redelivered && !options.untilDone ? losses : undefined,
  );
  await turn.begin();
  const began = performance.now();
  let outcome = "ok";
  let postponedMs: number | undefined;
  try {
    const again = jsMsg.redelivered;
    const outsideSlot: Work["outsideSlot"] = (wait) => turn.outside(wait);
    await options.handle(message, {
      signal,
      shutdown: stopSignals.shutdown,
      log,
      span,
      again,
      outsideSlot,
      leaveSlot: () => void turn.end(),
      postpone: (delayMs) => {
        postponedMs = delayMs;
      },
    });
    return postponedMs;
  } catch (error) {
    outcome = toPolyreelError(error).code;
    throw error;
  } finally {
    record("polyreel.stage.work.duration", { stage: options.name, outcome }, (performance.now() - began) / 1000);
    await turn.end();
  }
}

/** Has a message redelivered. What failed before it was postponed no longer fails. */
async function postpone(
  { jsMsg, attempts, key }: Delivery<FactName>,
  delayMs: number,
  { attemptsLog }: AnswerDeps,
): Promise<void> {
  if (attempts.failed > 0) await attemptsLog.keep(key, { ...attempts, failed: 0, failingSince: 0 });
  jsMsg.nak(delayMs);
}

/** Returns a message to the broker as if it had never been started; other processes take it over. */
const handOver = (jsMsg: JsMsg): void => jsMsg.nak(HAND_OVER_MS);

/**
 * Whether its batch was deleted after it was published, or is being deleted: then it must not be redelivered. It would
 * be purged by then, and nats-server 2.9.10 would count it as pending forever.
 */
async function isDeleted(
  stream: EventStream,
  { batchId, sequence }: Pick<FactMessage, "batchId" | "sequence">,
): Promise<boolean> {
  try {
    const facts = [await lastFact(stream, "batch.deleting", batchId), await lastFact(stream, "batch.deleted", batchId)];
    return facts.some((fact) => fact !== undefined && fact.sequence > sequence);
  } catch {
    return false; // The stream cannot be read now.
  }
}

/** For watching clients: when it is given up, or after how many attempts. Neither if it never is. */
function endOfRetries(error: PolyreelError, failingSince: number, { outageWaitMs, untilDone }: RetryPolicy) {
  if (untilDone) return {};
  if (!error.outage) return { tries: MAX_TRIES };
  return Number.isFinite(outageWaitMs) ? { until: timestampFromMs(failingSince + outageWaitMs) } : {};
}

/** Answers the broker after a failure; the only place that does. */
async function answerFailure<N extends FactName>(
  { jsMsg, message, attempts: earlier, key }: Delivery<N>,
  error: PolyreelError,
  options: StageOptions<N>,
  { stream, log, telemetry, publisher, attemptsLog }: AnswerDeps,
): Promise<void> {
  if (await isDeleted(stream, message)) return jsMsg.term();
  const now = Date.now();
  const failed = earlier.failed + 1;
  const failingSince = earlier.failingSince || now;
  const attempts = { failed, waitedMs: Math.max(0, now - failingSince) };
  const policy = { outageWaitMs: stream.outageWaitMs, untilDone: options.untilDone };
  const outcome = outcomeOf(error, attempts, policy, Math.random());
  const about = { err: error, fact: options.fact, batch: message.batchId, tries: failed };
  if (outcome.kind === "retry") {
    log.warn({ ...about, delayMs: outcome.delayMs }, "failed; retrying");
    // If this write fails, there is one more attempt than there should be.
    await attemptsLog.keep(key, { ...earlier, failed, failingSince }).catch(() => {});
    if (options.about) {
      const next = { tried: failed, nextAt: timestampFromMs(now + outcome.delayMs) };
      const tryingAgain = { ...next, ...endOfRetries(error, failingSince, policy), reason: error.failure.reason };
      publisher.progress({ batchId: message.batchId, ...options.about(message.fact), tryingAgain });
    }
    return jsMsg.nak(outcome.delayMs);
  }
  log.warn(about, "failed permanently");
  try {
    const giving = { parent: message.traceparent, attributes: { "polyreel.batch.id": message.batchId } };
    await telemetry.span(`give up polyreel.${options.fact}`, giving, () =>
      inGeneration(message, () => options.giveUp(message, afterTries(error, attempts))),
    );
    jsMsg.term();
  } catch (thrown) {
    log.error({ ...about, err: thrown }, "could not publish the failure; retrying");
    jsMsg.nak(RETRY_MS);
  }
}
