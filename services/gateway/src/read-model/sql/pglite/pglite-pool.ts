import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import { enterSession } from "../tenants/reader-session.js";
import type { PgliteThread } from "./pglite-thread.js";
import { Turns } from "./turns.js";

/** PGlite as a pool of PostgreSQL connections: there is a single one, with a queue; readers have priority. */
export class PglitePool implements PostgresPool {
  readonly #turns: Turns;

  constructor(
    private readonly thread: PgliteThread,
    private readonly as: { readonly urgent: boolean; readonly turns: Turns } = { urgent: false, turns: new Turns() },
  ) {
    this.#turns = as.turns;
  }

  /** The same connection, for readers. */
  forReading(): PglitePool {
    return new PglitePool(this.thread, { urgent: true, turns: this.#turns });
  }

  /** Whether there was a read in the last milliseconds. */
  wasRead(withinMs: number): boolean {
    return this.#turns.wasUrgent(withinMs);
  }

  async connect(): Promise<PostgresPoolClient> {
    const release = await this.#turns.take(this.as);
    await enterSession(this.thread, (text, parameters) => this.#query(text, parameters)).catch((error: unknown) => {
      release();
      throw error;
    });
    return { query: (text: unknown, params?: unknown) => this.#query(text, params), release } as PostgresPoolClient;
  }

  end(): Promise<void> {
    return this.thread.close();
  }

  async #query(text: unknown, params: unknown): Promise<PostgresQueryResult<unknown>> {
    const { rows, affectedRows } = await this.thread.query(String(text), (params as unknown[] | undefined) ?? []);
    return { command: "SELECT", rows, rowCount: affectedRows ?? rows.length };
  }
}
