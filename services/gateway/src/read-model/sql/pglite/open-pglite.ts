import { access, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { composed, PolyreelError } from "@polyreel/platform";
import { lockFolder } from "@polyreel/platform/files";
import { Kysely, PostgresDialect } from "kysely";
import { migrate } from "../migrate.js";
import { Pace } from "../pace.js";
import { SqlProjectionStore } from "../sql-projection-store.js";
import type { Tables } from "../tables.js";
import { secureRows } from "../tenants/row-security.js";
import { PglitePool } from "./pglite-pool.js";
import { PgliteThread } from "./pglite-thread.js";

/**
 * There is one connection: readers wait for writers. While there are readers, writes are kept short, at a higher total
 * cost.
 */
const LONGEST_WRITE_MS = 50;
const READERS_STAY_MS = 5000;

/**
 * The read model in a folder of this machine. The first start takes seconds. The folder is locked: PGlite itself would
 * allow a second process, and lose what either writes. Throws PolyreelError `precondition` if another process has it.
 */
export function openPglite(folder: string): Promise<SqlProjectionStore> {
  return composed(async (releasers) => {
    releasers.add(await lockFolder(folder, (owner) => taken(owner, folder)));
    const data = join(folder, "pglite");
    await makeWhereMissing(data);
    const pool = new PglitePool(new PgliteThread(data));
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    releasers.add(() => db.destroy());
    await migrate(db);
    const isSecured = await secureRows(db);
    const reading = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool.forReading() }) });
    const pace = new Pace(LONGEST_WRITE_MS, () => pool.wasRead(READERS_STAY_MS));
    const close = () => releasers.close();
    return new SqlProjectionStore(db, close, { shared: { reading, pace }, isSecured });
  });
}

/**
 * Creates a database completely or not at all: a partial one cannot be opened. Creating takes 400 MB more than having
 * it open, which are freed only at the end of the thread.
 */
async function makeWhereMissing(data: string): Promise<void> {
  if (await isThere(data)) return;
  const making = `${data}.making`;
  await rm(making, { recursive: true, force: true });
  const thread = new PgliteThread(making);
  try {
    await thread.query("select 1", []);
  } finally {
    await thread.close();
  }
  await rename(making, data);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const taken = (owner: number, folder: string): PolyreelError =>
  new PolyreelError("precondition", {
    reason: `The read model's database in ${folder} belongs to another process (${owner}).`,
    remedy: "End that one, give another folder, or set DATABASE_URL to share a PostgreSQL database.",
  });
