import { setTimeout as delay } from "node:timers/promises";
import type { AuditEntry } from "@polyreel/contract";
import { PolyreelError, type Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { LRUCache } from "lru-cache";
import { type Action, auditEntry } from "./audit-entry.js";
import type { AuditStore } from "./store/audit-store.js";

/** Entries that one write takes. */
const WRITTEN_AT_ONCE = 500;
/** Entries that may wait; calls are refused while as many do. */
const MAX_WAITING = 10_000;
const RETRY_MS = 1000;
/** What is refused to a stranger is recorded so often, for each action, outcome and address. */
const STRANGERS_EVERY_MS = 60_000;
const MAX_STRANGERS = 10_000;

interface Waiting {
  readonly entry: AuditEntry;
  written(): void;
  failed(error: unknown): void;
}

/**
 * Records actions: what was recorded survives a crash before the caller gets its answer. Entries that come while a write is
 * under way are written together by the next one, so that many calls at once cost few writes.
 *
 * What cannot be written anywhere is held and tried again; until it is written, `assertRecordable` refuses further actions.
 */
export class AuditLog implements Running {
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #isFailing = false;
  /** What strangers were refused lately. */
  readonly #strangers = new LRUCache<string, true>({ max: MAX_STRANGERS, ttl: STRANGERS_EVERY_MS });
  readonly #closing = new AbortController();

  constructor(
    private readonly store: Pick<AuditStore, "append">,
    private readonly log: Log,
  ) {}

  /** Throws PolyreelError `unavailable` while actions cannot be recorded: called before anything is done. */
  assertRecordable(): void {
    if (this.#isFailing || this.#waiting.length >= MAX_WAITING) throw unrecordable("Nothing was done");
  }

  /**
   * Resolves when the action is recorded. Throws PolyreelError `unavailable` if it cannot be, for now: the entry is then still
   * held and tried again.
   */
  record(action: Action): Promise<void> {
    if (this.#isRepeatedByStranger(action)) return Promise.resolve();
    return new Promise((written, failed) => {
      this.#waiting.push({ entry: auditEntry(action), written, failed });
      this.#writing ??= this.#write();
    });
  }

  /** Whoever reaches the port could fill the log, by guesses of passwords for example. */
  #isRepeatedByStranger({ principal, outcome, action, address = "" }: Action): boolean {
    if (principal.kind !== "anyone" || outcome === "ok") return false;
    const kind = `${action} ${outcome} ${address}`;
    const isRepeated = this.#strangers.has(kind);
    if (!isRepeated) this.#strangers.set(kind, true);
    return isRepeated;
  }

  /** Writes what waits, once; what cannot be written then is in the log. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    for (const { entry } of this.#waiting) this.log.error({ audit: entry }, "an action could not be recorded");
  }

  async #write(): Promise<void> {
    const { signal } = this.#closing;
    let isLast = false;
    while (this.#waiting.length > 0 && !isLast) {
      isLast = this.#isFailing && signal.aborted;
      const taken = this.#waiting.splice(0, WRITTEN_AT_ONCE);
      try {
        await this.store.append(taken.map(({ entry }) => entry));
        this.#isFailing = false;
        for (const { written } of taken) written();
      } catch (error) {
        if (!this.#isFailing)
          this.log.error({ err: error }, "actions cannot be recorded; calls that change are refused");
        this.#isFailing = true;
        for (const { failed } of taken) failed(unrecordable("It was done", error));
        this.#waiting = [...taken, ...this.#waiting];
        if (!isLast) await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
    this.#writing = undefined;
  }
}

const unrecordable = (done: string, cause?: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: `${done}, but the audit log cannot be written: neither the database nor the store takes entries.`,
      remedy: "Try again when they are back.",
    },
    { cause },
  );
