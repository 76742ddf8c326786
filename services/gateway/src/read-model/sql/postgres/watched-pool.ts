import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import pg from "pg";
import type { Presence } from "../../presence.js";
import { enterSession } from "../tenants/reader-session.js";

const RETRY_MS = 500;
const PING_MS = 5_000;

/** Classes of SQLSTATE that are about the server, not the statement: it is shutting down, or out of resources. */
const SERVERS_STATE = /^(08|53|57P)/;

/**
 * pg's pool, for Kysely: failures of an unavailable database become PolyreelError `unavailable`, thrown at once while
 * that is known. Availability is monitored by a separate connection, which ends when the server does, and by periodic
 * queries.
 */
export class WatchedPool extends EventEmitter<{ change: [there: boolean] }> implements PostgresPool, Presence {
  readonly #pool: pg.Pool;
  readonly #stop = new AbortController();
  #there = true;
  #watching: Promise<void> | undefined;

  constructor(
    private readonly config: pg.PoolConfig,
    private readonly log: Log,
  ) {
    super();
    this.#pool = new pg.Pool(config);
    // Each lost connection emits an error, in use or not; without a listener it would end the process.
    this.#pool.on("connect", (client) => client.on("error", () => {}));
    this.#pool.on("error", () => {});
  }

  get there(): boolean {
    return this.#there;
  }

  assertThere(): void {
    if (!this.#there) throw unreachable();
  }

  /** Called once the pool is open: before that, an unavailable database is a configuration error. */
  watch(): void {
    this.#watching ??= this.#watch();
  }

  async connect(): Promise<PostgresPoolClient> {
    this.assertThere();
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw unreachable(error);
    });
    await enterSession(client, (text, parameters) => client.query(text, [...parameters])).catch((error: unknown) => {
      client.release();
      throw isOfStatement(error) ? error : unreachable(error);
    });
    const query = (text: unknown, params?: unknown): Promise<PostgresQueryResult<unknown>> =>
      (client.query(String(text), params as unknown[] | undefined) as Promise<PostgresQueryResult<unknown>>).catch(
        (error: unknown) => {
          throw isOfStatement(error) ? error : unreachable(error);
        },
      );
    return { query, release: () => client.release() } as PostgresPoolClient;
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#pool.end();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const client = new pg.Client({ ...this.config, query_timeout: PING_MS });
      client.on("error", () => {}); // As for those of the pool.
      try {
        await client.connect();
        await this.#ping(client);
      } catch (error) {
        if (this.#there) this.log.warn({ err: error }, "the database (PostgreSQL) cannot be reached");
        this.#set(false);
      } finally {
        void client.end().catch(() => {});
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Until the connection ends, or does not answer. */
  async #ping(client: pg.Client): Promise<void> {
    const { signal } = this.#stop;
    const ended = new AbortController();
    client.once("end", () => ended.abort());
    while (!signal.aborted) {
      await client.query("select 1");
      if (!this.#there) this.log.info("the database (PostgreSQL) is back");
      this.#set(true);
      const pause = AbortSignal.any([signal, ended.signal]);
      await sleep(PING_MS, undefined, { signal: pause }).catch(() => {});
    }
  }

  #set(there: boolean): void {
    if (there === this.#there) return;
    this.#there = there;
    this.emit("change", there);
  }
}

/** Whether the database is available and rejected a statement. */
const isOfStatement = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && !SERVERS_STATE.test(error.code ?? "");

const unreachable = (cause?: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: "The gateway's database (PostgreSQL) cannot be reached.",
      remedy: "Try again when it is back; the gateway then goes on by itself.",
    },
    { cause },
  );
