import { type Kysely, type Migration, sql } from "kysely";

/** When batches last used decoded sounds; of earlier uses the store's own times tell. */
export const soundsUsed: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `create table sounds_used (
          batch_id text not null,
          hash text not null,
          used_at timestamptz not null,
          primary key (batch_id, hash)
        )`,
      )
      .execute(db);
  },
};
