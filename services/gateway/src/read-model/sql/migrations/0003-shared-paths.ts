import { type Kysely, type Migration, sql } from "kysely";

/** Paths written by several batches: deleting one keeps those. Only for lookups, not for ordering. */
export const sharedPaths: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw("create index deliveries_by_path on deliveries using hash (path)").execute(db);
  },
};
