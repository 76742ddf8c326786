import { type Kysely, type Migration, sql } from "kysely";

/** The causes of failures among the marks of combinations: the read model is filled again once, which writes them. */
export const failureCauses: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw("delete from checkpoint").execute(db);
  },
};
