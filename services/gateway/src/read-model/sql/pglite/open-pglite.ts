import { join } from "node:path";
import { composed } from "@polyreel/platform/lifecycle.js";
import { Kysely, PostgresDialect } from "kysely";
import { migrate } from "../migrate.js";
import { SqlLedger } from "../sql-ledger.js";
import type { Tables } from "../tables.js";
import { lockFolder } from "./lock-folder.js";
import { PglitePool } from "./pglite-pool.js";
import { PgliteThread } from "./pglite-thread.js";

/** The read model in a folder of this machine, which no other process may have open. The first time takes seconds. */
export function openPglite(folder: string): Promise<SqlLedger> {
  return composed(async (releasers) => {
    releasers.add(await lockFolder(folder));
    const pool = new PglitePool(new PgliteThread(join(folder, "pglite")));
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    releasers.add(() => db.destroy());
    await migrate(db);
    return new SqlLedger(db, () => releasers.close());
  });
}
