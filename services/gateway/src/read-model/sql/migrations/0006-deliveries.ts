import { type Kysely, type Migration, sql } from "kysely";

/** Several deliveries per combination. Existing ones have a single one, number 0. */
export const deliveries: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  "alter table combinations add deliveries jsonb",
  ...["attempts", "deliveries"].flatMap((table) => [
    `alter table ${table} add delivery smallint not null default 0`,
    `alter table ${table} drop constraint ${table}_pkey`,
    `alter table ${table} add primary key (batch_id, combination_id, delivery, attempt)`,
  ]),
  `update batches set tally = jsonb_set(tally, '{deliveries}', jsonb_build_object(
    'delivered', tally #> '{combinations,inStep,delivered}', 'failed', tally #> '{combinations,inStep,failed}'))`,
];
