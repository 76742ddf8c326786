import type { JsMsg } from "@nats-io/jetstream";
import { type FactName, factSubject, type Progress } from "@polyreel/contract";
import type { PolyreelError, Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream, FactMessage, Publisher } from "@polyreel/platform/stream";
import type { Span, Telemetry } from "@polyreel/platform/telemetry";
import { answer } from "./answer.js";
import { consumerNames } from "./consumer-names.js";
import { AttemptsLog } from "./delivery-attempts.js";
import { FairSlots } from "./fair-slots.js";
import type { LiveBatches } from "./live-batches.js";
import { type DurableConsumer, Pump } from "./pump.js";
import { removeConsumer } from "./remove-consumer.js";
import { showStage } from "./show-stage.js";
import { StopSignals } from "./stop-signals.js";

/** Context of a handler. */
export interface Work {
  /** Aborts when the batch (for stages over live batches) or the process ends. */
  readonly signal: AbortSignal;
  /** Aborts only when the process ends. */
  readonly shutdown: AbortSignal;
  readonly log: Log;
  readonly span: Span;
  /** The message is redelivered: some of its work may be done already. */
  readonly again: boolean;
  /** Releases the slot while `wait` runs, and takes one again afterwards. */
  outsideSlot<T>(wait: () => Promise<T>): Promise<T>;
  /** Releases the slot permanently: the handler only waits for the event stream from now on. */
  leaveSlot(): void;
  /** Looks at the message again after a delay, if the handler succeeds: something else is to happen first. No failure. */
  postpone(delayMs: number): void;
}

export interface StageOptions<N extends FactName> {
  /** Prefix of its durable consumers' names: `<name>`, or `<name>-<batch id>` with the suffix of `batchConsumer`. */
  readonly name: string;
  /** The fact that it reacts to. */
  readonly fact: N;
  /** One consumer for each live batch, which take turns; or one for all batches, including ended ones. */
  readonly over: "live-batches" | "all-batches";
  /** Concurrent handlers in this process. */
  readonly slots: number;
  /** Limit of messages of one consumer that this process holds, in progress or waiting. Default: twice the slots. */
  readonly held?: number;
  /** Marks the work as wanted: from before it waits for a slot until it has ended, successfully or not. */
  readonly wanted?: (fact: FactMessage<N>["fact"]) => AsyncDisposable;
  /** Does the work. Must be idempotent: a message may be redelivered. */
  readonly handle: (message: FactMessage<N>, work: Work) => Promise<void>;
  /** Stage and id for watching clients: retries are published under them. */
  readonly about?: (fact: FactMessage<N>["fact"]) => { readonly stage: Progress["stage"]; readonly id: string };
  /** The task is retried until it succeeds: `giveUp` is never called. */
  readonly untilDone?: boolean;
  /** Publishes a permanent failure. */
  readonly giveUp: (message: FactMessage<N>, error: PolyreelError) => Promise<void>;
}

export interface StageDeps {
  readonly stream: EventStream;
  readonly publisher: Pick<Publisher, "progress">;
  readonly batches: LiveBatches;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

export interface Stage extends Running {
  /** Whether every message published so far has been handled. */
  idle(): Promise<boolean>;
}

/** Reacts to a fact: pulls its messages fairly over the batches, handles them in bounded slots, and answers each. */
export function startStage<N extends FactName>(options: StageOptions<N>, deps: StageDeps): Stage {
  const { stream, batches, log } = deps;
  const slots = new FairSlots(options.slots);
  const shutdown = new AbortController();
  const stopSignals = new StopSignals(shutdown.signal);
  const attemptsLog = new AttemptsLog(stream, options.name);
  const pumps = new Map<string, Pump>();
  /** Ended batches whose work is being stopped. */
  const ending = new Set<Promise<void>>();

  const open = (key: string, consumer: DurableConsumer) => {
    if (pumps.has(key)) return;
    const { durable } = consumer;
    const take = (message: JsMsg) => answer(message, options, { ...deps, durable, slots, stopSignals, attemptsLog });
    pumps.set(key, new Pump(stream, consumer, options.held ?? options.slots * 2, take, log));
  };
  const openBatch = (batchId: string) => open(batchId, batchConsumer(options, batchId, batches));
  const endBatch = (batchId: string) => {
    const { durable } = batchConsumer(options, batchId, batches); // Its next life has another one.
    const pump = pumps.get(batchId);
    pumps.delete(batchId);
    const end = endPump(durable, pump).finally(() => ending.delete(end));
    ending.add(end);
  };
  const endPump = async (durable: string, pump: Pump | undefined) => {
    await pump?.close();
    await removeConsumer(stream, durable, shutdown.signal);
  };

  const shown = showStage(options, { slots, pumps: () => [...pumps.values()] });
  const sweep = new AbortController();
  let sweeping = Promise.resolve();
  if (options.over === "all-batches") {
    open("*", {
      durable: options.name,
      subject: factSubject(options.fact, "*"),
      description: `Work of ${options.name} on all batches`,
      details: { stage: options.name },
    });
  } else {
    batches.on("live", openBatch);
    batches.on("ended", endBatch);
    for (const batchId of batches.ids) openBatch(batchId);
    sweeping = removeEnded(options.name, deps, sweep.signal);
  }
  return {
    idle: async () => (await Promise.all([...pumps.values()].map((pump) => pump.idle()))).every(Boolean),
    close: async () => {
      batches.off("live", openBatch);
      batches.off("ended", endBatch);
      sweep.abort();
      await shown.close();
      await Promise.all([sweeping, ...[...pumps.values()].map((pump) => pump.stop())]);
      shutdown.abort(new DOMException("The service is ending.", "AbortError"));
      await Promise.all([...ending, ...[...pumps.values()].map((pump) => pump.close())]);
    },
  };
}

/**
 * A stage's consumer for a batch's current or last life. Each life has its own, so that a process that reads the end of
 * one late does not delete the consumer of the next. For a resumed batch it starts where the batch was resumed: earlier
 * facts are done.
 */
function batchConsumer(
  { name, fact }: Pick<StageOptions<FactName>, "name" | "fact">,
  batchId: string,
  batches: LiveBatches,
): DurableConsumer {
  const from = batches.sinceOf(batchId) ?? 0;
  const durable = from > 0 ? `${name}-${batchId}-${from}` : `${name}-${batchId}`;
  const description = `Work of ${name} on batch ${batchId}`;
  const details = { stage: name, batch: batchId, tenant: batches.tenantOf(batchId) };
  return { durable, subject: factSubject(fact, batchId), from, description, details };
}

/** Deletes the stage's consumers of batches that ended while none of its processes ran; nothing else does. */
async function removeEnded(stage: string, { stream, batches, log }: StageDeps, signal: AbortSignal): Promise<void> {
  try {
    for await (const name of consumerNames(stream)) {
      const [, batchId = "", since = "0"] = /^(.+?)(?:-(\d+))?$/.exec(name.slice(stage.length + 1)) ?? [];
      if (name.startsWith(`${stage}-`) && batches.isOver(batchId, Number(since))) {
        await removeConsumer(stream, name, signal);
      }
    }
  } catch (error) {
    log.warn({ err: error, stage }, "could not list consumers of ended batches; retrying at the next start");
  }
}
