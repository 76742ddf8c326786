import { type Kysely, type Migration, sql } from "kysely";

/** Which batches continue which: a continued batch cannot be deleted. */
export const continuedBatches: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  "alter table batches add column continues text not null default ''",
  "create index batches_by_continued on batches (continues) where continues <> ''",
];
