import { type Kysely, type Migration, sql } from "kysely";

/** Combinations and deliveries may wait for approval, or be rejected; no existing ones are. */
export const approval: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(`update batches set tally = ${with0(with0("tally", "{combinations,inStep}"), "{deliveries}")}`)
      .execute(db);
  },
};

const with0 = (tally: string, path: string): string =>
  `jsonb_set(${tally}, '${path}', '{"awaiting": 0, "rejected": 0}'::jsonb || coalesce(tally #> '${path}', '{}'::jsonb))`;
