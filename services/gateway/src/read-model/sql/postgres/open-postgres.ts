import { composed, PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { migrate } from "../migrate.js";
import { SETTINGS } from "../settings.js";
import { SqlProjectionStore } from "../sql-projection-store.js";
import type { Tables } from "../tables.js";
import { secureRows } from "../tenants/row-security.js";
import { WatchedPool } from "./watched-pool.js";

const CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;

/** A crash of the server may lose the last writes, including the checkpoint: the stream provides them again. */
const DURABILITY = { synchronous_commit: "off" };

/** Type of bigint, which pg returns as a string: the numbers here are far below 2^53. */
const BIGINT = 20;

/** The read model in a PostgreSQL database, which several gateways may share. */
export function openPostgres(url: string, log: Log): Promise<SqlProjectionStore> {
  return composed(async (releasers) => {
    const config = {
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      options: Object.entries({ ...SETTINGS, ...DURABILITY })
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(" "),
      types: {
        getTypeParser: ((type: number, format: never) =>
          type === BIGINT ? Number : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
      },
    };
    const pool = new WatchedPool(config, log);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    releasers.add(() => db.destroy());
    await migrate(db).catch((error: unknown) => {
      throw error instanceof PolyreelError && error.code !== "unavailable" ? error : notOpened(error);
    });
    const isSecured = await secureRows(db, log);
    pool.watch();
    return new SqlProjectionStore(db, () => releasers.close(), { presence: pool, isSecured });
  });
}

function notOpened(error: unknown): PolyreelError {
  const cause = error instanceof PolyreelError ? error.cause : error;
  const what = cause instanceof Error ? cause.message || cause.name : String(cause);
  const reason = `The read model's database could not be opened: ${what}.`;
  return new PolyreelError(
    "unavailable",
    { reason, remedy: "Correct DATABASE_URL, or start the database." },
    { cause },
  );
}
