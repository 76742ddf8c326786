import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { JsMsg } from "@nats-io/jetstream";
import type { FactName } from "@polyreel/contract";
import { FailureCode } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { workOn } from "@polyreel/platform/runtime";
import type { EventStream } from "@polyreel/platform/stream";
import { type FactMessage, factAt, inGeneration, lastFact, readFact } from "@polyreel/platform/stream";
import { SpanKind } from "@polyreel/platform/telemetry";
import { type AttemptsLog, type DeliveryAttempts, NO_ATTEMPTS } from "./delivery-attempts.js";
import type { FairSlots } from "./fair-slots.js";
import { afterTries, MAX_LOST, MAX_TRIES, outcomeOf, type RetryPolicy } from "./outcome.js";
import type { StageDeps, StageOptions, Work } from "./stage.js";
import type { StopSignals } from "./stop-signals.js";
import { type Losses, Turn } from "./turn.js";

/** What a stage answers its messages with. */
export interface AnswerDeps extends StageDeps {
  /** The consumer that the message came by. */
  readonly durable: string;
  readonly slots: FairSlots;
  readonly endings: StopSignals;
  readonly tries: AttemptsLog;
}

/** A message as it is worked now. */
interface Taken<N extends FactName> {
  readonly message: JsMsg;
  readonly told: FactMessage<N>;
  /** Of those before this one. */
  readonly tries: DeliveryAttempts;
  /** Where what becomes of it is kept. */
  readonly key: string;
}

/** By then the pull of whoever takes over waits at the server: 2.9.10 mixes up what is redelivered while none does. */
const HAND_OVER_MS = 1_000;
/** Until something that could not be asked or told is tried again. */
const ASK_AGAIN_MS = 1_000;

/** Works one message and answers it; never throws. */
export async function answer<N extends FactName>(
  message: JsMsg,
  options: StageOptions<N>,
  deps: AnswerDeps,
): Promise<void> {
  const { stream, batches, telemetry, endings, log } = deps;
  let taken: Taken<N> | undefined;
  try {
    taken = await take(message, deps);
  } catch (error) {
    log.warn({ err: error, sequence: message.seq }, "could not read a message again; trying again");
    return message.nak(ASK_AGAIN_MS);
  }
  // What is no fact, or work on a batch that was deleted, is nobody's. Stages over all batches are there after the end of
  // one, its deletion included: they find out by themselves.
  if (!taken || (options.over === "live-batches" && batches.isStale(taken.told))) return message.term();
  const { told } = taken;
  const batchSignal = options.over === "live-batches" ? batches.signalOf(told.batchId) : undefined;
  const signal = batchSignal ? endings.with(batchSignal) : endings.shutdown;
  const attributes = {
    "messaging.system": "nats",
    "messaging.operation.type": "process",
    "messaging.destination.name": `polyreel.${options.fact}`,
    "messaging.consumer.group.name": options.name,
    "polyreel.batch.id": told.batchId,
  };
  try {
    await telemetry.span(
      `process polyreel.${options.fact}`,
      { kind: SpanKind.CONSUMER, parent: told.traceparent, attributes },
      (span) =>
        workOn({ stage: options.name, batch: told.batchId }, () =>
          inGeneration(told, () => work(taken, options, deps, { signal, log, span })),
        ),
    );
    stream.outbox.add(() => message.ack());
  } catch (thrown) {
    if (batchSignal?.aborted) return message.term(); // nobody wants it any more
    if (endings.shutdown.aborted) return handOver(message);
    await answerFailure(taken, toPolyreelError(thrown), options, deps);
  }
}

/** Reads a message, and how it fared so far. Undefined for what is no fact. */
async function take<N extends FactName>(
  message: JsMsg,
  { stream, durable, tries }: AnswerDeps,
): Promise<Taken<N> | undefined> {
  const told = (await readMessage(stream, message)) as FactMessage<N> | undefined;
  const key = `${durable}.${message.seq}`;
  if (!told || !message.redelivered) return told && { message, told, tries: NO_ATTEMPTS, key };
  return { message, told, tries: await tries.of(key), key };
}

/**
 * nats-server 2.9.10 (Debian 12) sends a redelivered message with another one's payload, its sequence being right; so what
 * comes again is read from the stream by that. Newer servers do right, and redelivery is rare.
 */
const readMessage = async (stream: EventStream, message: JsMsg): Promise<FactMessage | undefined> =>
  message.redelivered ? factAt(stream, message.seq) : readFact(message);

async function work<N extends FactName>(
  { message, told, tries, key }: Taken<N>,
  options: StageOptions<N>,
  { stream, slots, batches, endings, tries: triesLog }: AnswerDeps,
  { signal, log, span }: Pick<Work, "signal" | "log" | "span">,
): Promise<void> {
  if (tries.lost >= MAX_LOST && !options.untilDone) {
    throw new PolyreelError("invalid", {
      code: FailureCode.INTERNAL,
      reason: `It was begun ${tries.lost} times, and each time the service died.`,
      remedy: "Look in the service's log for this trace; leave out this choice.",
    });
  }
  const losses: Losses = {
    begin: () => triesLog.keep(key, { ...tries, lost: tries.lost + 1 }),
    end: async () => {
      if (stream.broker.there) await triesLog.keep(key, tries);
    },
  };
  await using _wanted = options.wanted?.(told.fact);
  const weight = batches.weightOf(told.batchId);
  const turn = new Turn(
    () => slots.acquire(told.batchId, signal, weight),
    message.redelivered && !options.untilDone ? losses : undefined,
  );
  await turn.begin();
  try {
    const again = message.redelivered;
    const outsideSlot: Work["outsideSlot"] = (wait) => turn.outside(wait);
    await options.handle(told, {
      signal,
      shutdown: endings.shutdown,
      log,
      span,
      again,
      outsideSlot,
      leaveSlot: () => void turn.end(),
    });
  } finally {
    await turn.end();
  }
}

/** Gives back what is no longer worked here, as if it had never been begun; others take it over. */
const handOver = (message: JsMsg): void => message.nak(HAND_OVER_MS);

/**
 * Whether its batch was deleted after it was published, or is about to be: then nobody wants it any more. Asked for again, it
 * would be removed until then, and nats-server 2.9.10 would count it as pending for ever.
 */
async function isDeleted(
  stream: EventStream,
  { batchId, sequence }: Pick<FactMessage, "batchId" | "sequence">,
): Promise<boolean> {
  try {
    const facts = [await lastFact(stream, "batch.deleting", batchId), await lastFact(stream, "batch.deleted", batchId)];
    return facts.some((fact) => fact !== undefined && fact.sequence > sequence);
  } catch {
    return false; // cannot be asked now
  }
}

/** For those who watch: when it is given up, or after how many tries. Neither where that never happens. */
function endOfTries(error: PolyreelError, failingSince: number, { outageWaitMs, untilDone }: RetryPolicy) {
  if (untilDone) return {};
  if (!error.outage) return { tries: MAX_TRIES };
  return Number.isFinite(outageWaitMs) ? { until: timestampFromMs(failingSince + outageWaitMs) } : {};
}

/** The one place that turns a failure into an answer to the broker. */
async function answerFailure<N extends FactName>(
  { message, told, tries, key }: Taken<N>,
  error: PolyreelError,
  options: StageOptions<N>,
  { stream, log, telemetry, publisher, tries: triesLog }: AnswerDeps,
): Promise<void> {
  if (await isDeleted(stream, told)) return message.term();
  const now = Date.now();
  const failed = tries.failed + 1;
  const failingSince = tries.failingSince || now;
  const attempts = { failed, waitedMs: Math.max(0, now - failingSince) };
  const policy = { outageWaitMs: stream.outageWaitMs, untilDone: options.untilDone };
  const outcome = outcomeOf(error, attempts, policy, Math.random());
  const about = { err: error, fact: options.fact, batch: told.batchId, tries: failed };
  if (outcome.kind === "retry") {
    log.warn({ ...about, delayMs: outcome.delayMs }, "failed; trying again");
    await triesLog.keep(key, { ...tries, failed, failingSince }).catch(() => {}); // then it is tried once more than it should be
    if (options.about) {
      const next = { tried: failed, nextAt: timestampFromMs(now + outcome.delayMs) };
      const tryingAgain = { ...next, ...endOfTries(error, failingSince, policy), reason: error.failure.reason };
      publisher.progress({ batchId: told.batchId, ...options.about(told.fact), tryingAgain });
    }
    return message.nak(outcome.delayMs);
  }
  log.warn(about, "failed for good");
  try {
    await telemetry.span(`give up polyreel.${options.fact}`, { parent: told.traceparent }, () =>
      inGeneration(told, () => options.giveUp(told, afterTries(error, attempts))),
    );
    message.term();
  } catch (thrown) {
    log.error({ ...about, err: thrown }, "could not publish the failure; retrying");
    message.nak(ASK_AGAIN_MS);
  }
}
