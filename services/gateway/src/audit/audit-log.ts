import { setTimeout as delay } from "node:timers/promises";
import type { AuditEntry } from "@polyreel/contract";
import { PolyreelError, type Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { type Action, auditEntry } from "./audit-entry.js";
import type { AuditStore } from "./store/audit-store.js";

/** Entries that one write takes. */
const WRITTEN_AT_ONCE = 500;
/** Entries that may wait; calls are refused while as many do. */
const MAX_WAITING = 10_000;
const RETRY_MS = 1000;

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
    return new Promise((written, failed) => {
      this.#waiting.push({ entry: auditEntry(action), written, failed });
      this.#writing ??= this.#write();
    });
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
