import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type { PgliteThread } from "./pglite-thread.js";

/** PGlite as a pool of connections to PostgreSQL: there is one, and whoever wants it next waits. */
export class PglitePool implements PostgresPool {
  #free: Promise<void> = Promise.resolve();

  constructor(private readonly thread: PgliteThread) {}

  async connect(): Promise<PostgresPoolClient> {
    const before = this.#free;
    let release = () => {};
    this.#free = new Promise((resolve) => {
      release = resolve;
    });
    await before;
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
