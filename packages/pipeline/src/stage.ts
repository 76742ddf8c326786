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
import { StopSignals } from "./stop-signals.js";

/** What a handler works with. */
export interface Work {
  /** Aborts when the batch ends (for stages over live batches) or the process does. */
  readonly signal: AbortSignal;
  /** Aborts when the process ends, whatever becomes of the batch. */
  readonly shutdown: AbortSignal;
  readonly log: Log;
  readonly span: Span;
  /** The message was handed out before: somebody may have done some of the work. */
  readonly again: boolean;
  /** Gives the slot to others while `wait` waits, and takes one again when it has ended. */
  outsideSlot<T>(wait: () => Promise<T>): Promise<T>;
  /** Gives the slot to others for good: all that is left to do is to wait for the event stream. */
  leaveSlot(): void;
}

export interface StageOptions<N extends FactName> {
  /** Begins the names of its durable consumers: `<name>`, or `<name>-<batch id>` and what `batchConsumer` adds. */
  readonly name: string;
  /** What it reacts to. */
  readonly fact: N;
  /** One consumer for each live batch, which take turns; or one for all batches, also ended ones. */
  readonly over: "live-batches" | "all-batches";
  /** Handlers at work at the same time in this process. */
  readonly slots: number;
  /** Messages of one consumer that this process holds at most, at work or waiting. Twice the slots where left out. */
  readonly held?: number;
  /** Says that the work is wanted: from before there is a slot for it until it has ended, however that was. */
  readonly wanted?: (fact: FactMessage<N>["fact"]) => AsyncDisposable;
  /** Does the work. Must be idempotent: a message may come again. */
  readonly handle: (told: FactMessage<N>, work: Work) => Promise<void>;
  /** What it is about, for those who watch: when it is tried again is told of that. */
  readonly about?: (fact: FactMessage<N>["fact"]) => { readonly stage: Progress["stage"]; readonly id: string };
  /** It is a task that is worked until it is done, however often it fails: `giveUp` is never called. */
  readonly untilDone?: boolean;
  /** Says that it failed for good. */
  readonly giveUp: (told: FactMessage<N>, error: PolyreelError) => Promise<void>;
}

export interface StageDeps {
  readonly stream: EventStream;
  readonly publisher: Pick<Publisher, "progress">;
  readonly batches: LiveBatches;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

export interface Stage extends Running {
  /** Whether everything said so far has been worked off. */
  idle(): Promise<boolean>;
}

/** Reacts to a fact: pulls its messages fairly over the batches, works them in bounded slots, and answers each. */
export function startStage<N extends FactName>(options: StageOptions<N>, deps: StageDeps): Stage {
  const { stream, batches, log } = deps;
  const slots = new FairSlots(options.slots);
  const shutdown = new AbortController();
  const endings = new StopSignals(shutdown.signal);
  const tries = new AttemptsLog(stream);
  const pumps = new Map<string, Pump>();
  /** Batches that ended, and whose work is being stopped. */
  const ending = new Set<Promise<void>>();

  const open = (key: string, consumer: DurableConsumer) => {
    if (pumps.has(key)) return;
    const { durable } = consumer;
    const take = (message: JsMsg) => answer(message, options, { ...deps, durable, slots, endings, tries });
    pumps.set(key, new Pump(stream, consumer, options.held ?? options.slots * 2, take, log));
  };
  const openBatch = (batchId: string) => open(batchId, batchConsumer(options, batchId, batches));
  const endBatch = (batchId: string) => {
    const { durable } = batchConsumer(options, batchId, batches); // its next life has another one
    const pump = pumps.get(batchId);
    pumps.delete(batchId);
    const end = endPump(durable, pump).finally(() => ending.delete(end));
    ending.add(end);
  };
  const endPump = async (durable: string, pump: Pump | undefined) => {
    await pump?.close();
    await removeConsumer(stream, durable, shutdown.signal);
  };

  const sweep = new AbortController();
  let sweeping = Promise.resolve();
  if (options.over === "all-batches") {
    open("*", { durable: options.name, subject: factSubject(options.fact, "*") });
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
      await Promise.all([sweeping, ...[...pumps.values()].map((pump) => pump.stop())]);
      shutdown.abort(new DOMException("The service is ending.", "AbortError"));
      await Promise.all([...ending, ...[...pumps.values()].map((pump) => pump.close())]);
    },
  };
}

/**
 * A stage's consumer for the life that a batch has, or had last. Each life has its own, so that a process which is slow to
 * hear of one's end does not delete the next one's. That of a resumed batch begins where it was resumed: what was said
 * before is done.
 */
function batchConsumer(
  { name, fact }: Pick<StageOptions<FactName>, "name" | "fact">,
  batchId: string,
  batches: LiveBatches,
): DurableConsumer {
  const from = batches.sinceOf(batchId) ?? 0;
  const durable = from > 0 ? `${name}-${batchId}-${from}` : `${name}-${batchId}`;
  return { durable, subject: factSubject(fact, batchId), from };
}

/** Deletes the stage's consumers of batches that ended while none of its processes ran: nobody else would. */
async function removeEnded(stage: string, { stream, batches, log }: StageDeps, signal: AbortSignal): Promise<void> {
  try {
    for await (const name of consumerNames(stream)) {
      const [, batchId = "", since = "0"] = /^(.+?)(?:-(\d+))?$/.exec(name.slice(stage.length + 1)) ?? [];
      if (name.startsWith(`${stage}-`) && batches.isOver(batchId, Number(since))) {
        await removeConsumer(stream, name, signal);
      }
    }
  } catch (error) {
    log.warn({ err: error, stage }, "could not look for consumers of ended batches; the next start will");
  }
}
