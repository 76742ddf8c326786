import { setTimeout as delay } from "node:timers/promises";
import { STREAM, STREAM_SUBJECTS } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { PolyreelError } from "@polyreel/platform";
import { retryUnlessAborted } from "@polyreel/platform/flow";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream } from "@polyreel/platform/stream";
import { type FactMessage, followMessages, type Unreadable } from "@polyreel/platform/stream";
import type { NotificationStore } from "../notify/store/notification-store.js";
import type { BatchChanges } from "./batch-changes.js";
import { inChunks } from "./chunks.js";
import { LateFacts } from "./late-facts.js";
import type { ProjectionStore, StreamPosition } from "./projection-store.js";
import type { KnownBatch } from "./read-model.js";

const RETRY_MS = 1000;

/** How long calls wait for the read model to catch up. */
const TIMEOUT_MS = 5000;

/** Maximum number of facts applied at once; and how long to wait for more, unless a call is waiting for them. */
const CHUNK = 1000;
const GATHER_MS = 20;
const POLL_MS = 50;

interface FollowDeps {
  readonly stream: EventStream;
  readonly store: ProjectionStore;
  readonly log: Log;
  /** What notifications follow from the facts; undefined: none. */
  readonly notices?: Pick<NotificationStore, "begin" | "record"> | undefined;
  /** Called when notifications were recorded. */
  readonly noticed?: (() => void) | undefined;
  readonly batches: Pick<LiveBatches, "isStale">;
  /** Learns which batches have changed, after the store has. */
  readonly changes: BatchChanges;
  /** Called with complete batches whose end is not published yet; after the past is known. */
  readonly completed: (batch: KnownBatch) => void;
}

/** Keeps the store up to date with the stream, from where it was left. */
export class Projection implements Running {
  readonly #waiting = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;
  #knowsPast = () => {};
  /** Resolves when the past is known. */
  readonly caughtUp = new Promise<void>((resolve) => {
    this.#knowsPast = resolve;
  });
  #caughtUp = false;
  #forgetting = false;
  /** Aborts when the store must be filled again. */
  #pass = new AbortController();
  #sequence = 0;
  /** The stream's last fact at the start; unknown until it has answered. */
  #past: number | undefined;
  readonly #lateFacts: LateFacts;

  constructor(private readonly deps: FollowDeps) {
    this.#lateFacts = new LateFacts(deps);
    this.#following = this.#follow();
  }

  /** Whether the store has all facts from before the start. */
  get ready(): boolean {
    return this.#past !== undefined && this.#sequence >= this.#past;
  }

  /**
   * Resolves when it is ready and has the fact at `sequence`. Throws PolyreelError `unavailable` if that takes too
   * long.
   */
  async reached(sequence: number): Promise<void> {
    const there = () => this.ready && this.#sequence >= sequence;
    if (there()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!there()) return;
        done();
        resolve();
      };
      const timer = setTimeout(() => {
        done();
        reject(
          new PolyreelError("unavailable", {
            reason: "The gateway has not caught up with the event stream.",
            remedy: "Try again in a moment.",
          }),
        );
      }, TIMEOUT_MS);
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  /** Clears the store, and fills it again from the stream's beginning. Resolves when that is done. */
  async rebuild(signal: AbortSignal): Promise<void> {
    this.#forgetting = true;
    this.#past = undefined;
    this.#pass.abort();
    while (!this.ready) await delay(POLL_MS, undefined, { signal });
  }

  /** The last applied fact, and the end of the past, once that is known. */
  get progress(): { sequence: number; past: number } {
    return { sequence: this.#sequence, past: this.#past ?? 0 };
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#pass = new AbortController();
      await this.#followOn(this.#pass.signal);
    }
  }

  /** From where the store was left, until it must be filled again. */
  async #followOn(pass: AbortSignal): Promise<void> {
    const { stream, store } = this.deps;
    const signal = AbortSignal.any([this.#stop.signal, pass]);
    const begun = await this.#untilItWorks(() => this.#begin(), signal);
    if (!begun) return;
    let after = begun.sequence;
    this.#past = begun.past;
    this.#caughtUp = false;
    await this.#advance(begun.sequence, signal);
    const from = { subject: STREAM_SUBJECTS, afterSequence: after, signal };
    for await (const messages of inChunks(followMessages(stream, from), CHUNK)) {
      const facts = messages.filter((message): message is FactMessage => message.name !== undefined);
      const completed = await this.#untilItWorks(async () => {
        if (facts.length === 0) return [];
        // Before the read model has them: what it has is never looked at again.
        if (await this.deps.notices?.record(facts)) this.deps.noticed?.();
        return await store.take(facts, after);
      }, signal);
      if (!completed) return;
      this.deps.changes.note(facts);
      after = facts.at(-1)?.sequence ?? after;
      await this.#lateFacts.remove(facts);
      if (this.ready) for (const batch of completed) this.deps.completed(batch);
      await this.#advance(positionAfter(messages, begun.past), signal);
      if (messages.length < CHUNK && this.#waiting.size === 0) {
        await delay(GATHER_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Where the store was left, and where the past ends. */
  async #begin(): Promise<{ sequence: number; past: number }> {
    const { stream, store } = this.deps;
    const position = await positionOf(stream);
    await this.deps.notices?.begin(position);
    if (this.#forgetting) await store.forget();
    this.deps.changes.forget();
    this.#forgetting = false;
    return { sequence: await store.begin(position), past: position.last };
  }

  async #advance(sequence: number, signal: AbortSignal): Promise<void> {
    this.#sequence = sequence;
    if (this.ready && !this.#caughtUp) {
      this.#caughtUp = true;
      for (const batch of (await this.#untilItWorks(() => this.deps.store.completed(), signal)) ?? []) {
        this.deps.completed(batch);
      }
      this.#knowsPast();
    }
    for (const look of [...this.#waiting]) look();
  }

  /** Stream and database may be unavailable for a while. Undefined if the signal aborts before. */
  #untilItWorks<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const onFailure = (error: unknown) => {
      this.deps.log.warn({ err: error }, "the read model cannot proceed; retrying");
      return RETRY_MS;
    };
    return retryUnlessAborted(work, onFailure, signal);
  }
}

async function positionOf(stream: EventStream): Promise<StreamPosition> {
  const { state, created } = await stream.manager.streams.info(STREAM);
  return { created: String(created), last: state.last_seq };
}

/** If nothing more is pending the past is known, even if its newest messages are gone or no facts. */
function positionAfter(messages: readonly (FactMessage | Unreadable)[], past: number): number {
  const last = messages.at(-1);
  const sequence = last?.sequence ?? 0;
  return last?.pending === 0 ? Math.max(sequence, past) : sequence;
}
