import { type RawBuilder, sql } from "kysely";
import type { Tables } from "./tables.js";

/**
 * A batch's rows by many keys, each looked up by the index. With `= any (...)` alone, a database that assumes a small
 * batch reads all of it instead, for each thousand facts.
 */
export function lookUp<T>(
  table: keyof Tables,
  batchId: string,
  keys: Readonly<Record<string, { readonly type: "text" | "bigint" | "integer"; readonly values: readonly unknown[] }>>,
  where: RawBuilder<unknown> = sql`true`,
): RawBuilder<T> {
  const names = Object.keys(keys);
  const arrays = Object.values(keys).map(({ type, values }) => sql`${[...values]}::${sql.raw(type)}[]`);
  const same = names.map((name) => sql`${sql.ref(name)} = wanted.${sql.raw(name)}`);
  return sql<T>`select found.* from unnest(${sql.join(arrays)}) as wanted (${sql.raw(names.join(", "))})
    cross join lateral (
      select * from ${sql.table(table)} where batch_id = ${batchId} and ${where} and ${sql.join(same, sql` and `)} offset 0
    ) as found`;
}
