import { type Kysely, type Migration, sql } from "kysely";

/** Where others have written, too: a batch that is deleted leaves that. Only ever looked up, never ordered. */
export const sharedPaths: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw("create index deliveries_by_path on deliveries using hash (path)").execute(db);
  },
};
