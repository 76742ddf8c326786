import type { AuditEntry } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { AuditQuery, AuditStore } from "./audit-store.js";
import type { StoredAudit } from "./stored-audit.js";

/** A database that has not taken entries by then counts as away. */
const PATIENCE_MS = 5000;
const MOVED_AT_ONCE = 500;

/**
 * The audit log of a database, with the store in reserve: entries that the database does not take are kept there, and moved when
 * it is back. Moving is idempotent, so every gateway may do it at any time.
 */
export class ReservedAudit implements AuditStore {
  #moving: Promise<void> | undefined;
  #hasReserved = false;

  constructor(
    private readonly database: AuditStore,
    private readonly reserve: StoredAudit,
    private readonly log: Log,
  ) {}

  async append(entries: readonly AuditEntry[]): Promise<void> {
    try {
      await within(PATIENCE_MS, this.database.append(entries));
    } catch (error) {
      await this.reserve.append(entries);
      if (!this.#hasReserved)
        this.log.warn({ err: error }, "the audit log is kept in the store until the database is back");
      this.#hasReserved = true;
      return;
    }
    if (this.#hasReserved) void this.moveReserved();
  }

  list(query: AuditQuery, signal?: AbortSignal): Promise<AuditEntry[]> {
    return this.database.list(query, signal);
  }

  removeBelow(id: string, signal?: AbortSignal): Promise<number> {
    return this.database.removeBelow(id, signal);
  }

  /** Moves what the store has into the database. Never throws: it is tried again later. */
  moveReserved(): Promise<void> {
    this.#moving ??= this.#move().finally(() => {
      this.#moving = undefined;
    });
    return this.#moving;
  }

  /** Resolves when nothing is being moved. */
  async idle(): Promise<void> {
    await this.#moving;
  }

  async #move(): Promise<void> {
    this.#hasReserved = false;
    try {
      for (;;) {
        const entries = await this.reserve.list(EVERYTHING);
        if (entries.length === 0) return;
        await this.database.append(entries);
        await this.reserve.remove(entries);
        this.log.info({ entries: entries.length }, "entries of the audit log were moved into the database");
      }
    } catch (error) {
      this.#hasReserved = true;
      this.log.warn({ err: error }, "entries of the audit log stay in the store for now");
    }
  }
}

const EVERYTHING: AuditQuery = {
  scope: { all: true },
  ...{ principal: "", action: "", object: "", outcome: "", from: undefined, to: undefined },
  limit: MOVED_AT_ONCE,
};

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PolyreelError("unavailable", "The database does not answer.")), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
