import { PolyreelError } from "@polyreel/platform";
import { type Kysely, type Migration, Migrator } from "kysely";
import { readModel } from "./migrations/0001-read-model.js";
import { continuedBatches } from "./migrations/0002-continued-batches.js";
import { sharedPaths } from "./migrations/0003-shared-paths.js";
import { listing } from "./migrations/0004-listing.js";
import { failureCodes } from "./migrations/0005-failure-codes.js";
import { deliveries } from "./migrations/0006-deliveries.js";
import { approval } from "./migrations/0007-approval.js";
import { deliveryFailures } from "./migrations/0008-delivery-failures.js";
import { soundsUsed } from "./migrations/0009-sounds-used.js";
import { notifications } from "./migrations/0010-notifications.js";
import { auditLog } from "./migrations/0011-audit-log.js";
import { usage } from "./migrations/0012-usage.js";
import { failureCauses } from "./migrations/0013-failure-causes.js";

/** In order; released ones must not be changed. */
const MIGRATIONS: Record<string, Migration> = {
  "0001-read-model": readModel,
  "0002-continued-batches": continuedBatches,
  "0003-shared-paths": sharedPaths,
  "0004-listing": listing,
  "0005-failure-codes": failureCodes,
  "0006-deliveries": deliveries,
  "0007-approval": approval,
  "0008-delivery-failures": deliveryFailures,
  "0009-sounds-used": soundsUsed,
  "0010-notifications": notifications,
  "0011-audit-log": auditLog,
  "0012-usage": usage,
  "0013-failure-causes": failureCauses,
};

/**
 * Migrates the tables to this version's schema. Throws PolyreelError `precondition` if a newer version has changed them
 * already, because it would miss what this one writes.
 */
export async function migrate<T>(db: Kysely<T>, migrations = MIGRATIONS): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  await refuseNewer(db, migrations);
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function refuseNewer<T>(db: Kysely<T>, known: Record<string, Migration>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === "kysely_migration")) return;
  const done = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom("kysely_migration")
    .select("name")
    .orderBy("name")
    .execute();
  const newer = done.find(({ name }) => !Object.hasOwn(known, name));
  if (!newer) return;
  throw new PolyreelError("precondition", {
    reason: `The read model's database has a newer schema (${newer.name}) than this version of Polyreel knows.`,
    remedy:
      "Run the version that made it, or give another database: the read model is rebuilt from the event stream; the audit log stays here.",
  });
}
