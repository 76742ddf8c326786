import { type Kysely, type RawBuilder, sql } from "kysely";
import { STEP_RANK } from "../apply-to-combination.js";
import { steps } from "./steps.js";
import type { Tables } from "./tables.js";

interface Column {
  readonly name: string;
  /** SQL type of the JSON value; for bytes, text in base64. */
  readonly type: string;
}

/** How rows are written to a table: all in one statement with one parameter. */
interface Upsert {
  readonly table: keyof Tables;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Which of two rows with the same key is kept; the new one by default. */
  readonly newIf?: string;
  /** Adds the numbers of a row to those of an existing one. */
  readonly adds?: true;
}

const columns = (types: Record<string, string>): Column[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }));

/** Rank of a step; `step` is a column with its number. */
const rankOf = (step: string): string => `(array[${steps.map((name) => STEP_RANK[name]).join(", ")}])[${step} + 1]`;

export const upserts = {
  batches: {
    table: "batches",
    key: ["id"],
    columns: columns({
      id: "text",
      tenant: "text",
      name: "text",
      state: "smallint",
      submitted_at: "timestamptz",
      unfinished: "boolean",
      cancelled: "boolean",
      finished_at: "timestamptz",
      finished_sequence: "bigint",
      shown_finished_at: "timestamptz",
      traceparent: "text",
      continues: "text",
      submitted: "bytea",
      planned: "bytea",
      tally: "jsonb",
    }),
  },
  choices: {
    table: "choices",
    key: ["batch_id", "number"],
    columns: columns({ batch_id: "text", number: "integer", chosen: "bytea" }),
  },
  combinations: {
    table: "combinations",
    key: ["batch_id", "id"],
    columns: columns({
      batch_id: "text",
      id: "text",
      ordinal: "bigint",
      choices: "integer[]",
      attempt: "integer",
      step: "smallint",
      planned_sequence: "bigint",
      rendered_sequence: "bigint",
      planned_at: "timestamptz",
      ready_at: "timestamptz",
      rendered_at: "timestamptz",
      ended_at: "timestamptz",
      duration_seconds: "float8",
      size_bytes: "bigint",
      failures: "integer[]",
      details: "bytea",
      deliveries: "jsonb",
    }),
  },
  parts: {
    table: "parts",
    key: ["batch_id", "kind", "hash"],
    columns: columns({
      batch_id: "text",
      kind: "text",
      hash: "text",
      state: "smallint",
      requested_at: "timestamptz",
      ended_at: "timestamptz",
    }),
  },
  attempts: {
    table: "attempts",
    key: ["batch_id", "combination_id", "delivery", "attempt"],
    columns: columns({
      batch_id: "text",
      combination_id: "text",
      delivery: "smallint",
      attempt: "integer",
      step: "smallint",
      ended_at: "timestamptz",
      failure: "bytea",
    }),
    newIf: `${rankOf("excluded.step")} > ${rankOf("attempts.step")}`,
  },
  deliveries: {
    table: "deliveries",
    key: ["batch_id", "combination_id", "delivery", "attempt"],
    columns: columns({
      batch_id: "text",
      combination_id: "text",
      delivery: "smallint",
      attempt: "integer",
      path: "text",
      picture_paths: "text[]",
      size_bytes: "bigint",
      delivered_at: "timestamptz",
    }),
    newIf: "false",
  },
  takers: {
    table: "takers",
    key: ["batch_id", "mark", "page"],
    columns: columns({ batch_id: "text", mark: "integer", page: "integer", ordinals: "bytea" }),
  },
  ends: {
    table: "ends",
    key: ["batch_id", "quarter"],
    columns: columns({ batch_id: "text", quarter: "timestamptz", delivered: "bigint", failed: "bigint" }),
    adds: true,
  },
  sounds_used: {
    table: "sounds_used",
    key: ["batch_id", "hash"],
    columns: columns({ batch_id: "text", hash: "text", used_at: "timestamptz" }),
    newIf: "excluded.used_at > sounds_used.used_at",
  },
  usage: {
    table: "usage",
    key: ["tenant", "day"],
    columns: columns({
      tenant: "text",
      day: "text",
      batches: "bigint",
      combinations: "bigint",
      delivered: "bigint",
      failed: "bigint",
      delivered_bytes: "bigint",
      encode_seconds: "float8",
    }),
    adds: true,
  },
} as const satisfies Partial<Record<keyof Tables, Upsert>>;

/** Writes rows, merging those with the same key. */
export async function upsert(db: Kysely<Tables>, into: Upsert, rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await statement(into, JSON.stringify(rows)).execute(db);
}

function statement({ table, columns: all, key, newIf, adds }: Upsert, rows: string): RawBuilder<unknown> {
  const names = all.map(({ name }) => name);
  const asJson = all.map(({ name, type }) => `${name} ${type === "bytea" ? "text" : type}`);
  const values = all.map(({ name, type }) => (type === "bytea" ? `decode(${name}, 'base64')` : name));
  const changes = names
    .filter((name) => !key.includes(name))
    .map((name) => `${name} = ${adds ? `${table}.${name} + ` : ""}excluded.${name}`);
  return sql`${sql.raw(`insert into ${table} (${names.join(", ")})
    select ${values.join(", ")} from json_to_recordset(`)}${rows}${sql.raw(`::text::json) as row (${asJson.join(", ")})
    on conflict (${key.join(", ")}) do update set ${changes.join(", ")}${newIf ? ` where ${newIf}` : ""}`)}`;
}
