import { type Kysely, type Migration, sql } from "kysely";
import { steps } from "../steps.js";

/**
 * The code of a combination's failure, for lists and retries by code. Failures from before there were codes have none:
 * 0.
 */
export const failureCodes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw("alter table combinations add failure_code smallint").execute(db);
    await sql.raw(`update combinations set failure_code = 0 where step = ${steps.indexOf("failed")}`).execute(db);
    await sql
      .raw(
        `create index combinations_by_failure_code on combinations (batch_id, failure_code, ordinal)
          where failure_code is not null`,
      )
      .execute(db);
  },
};
