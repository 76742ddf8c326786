import type { Kysely, Selectable } from "kysely";
import type { Scope } from "../../call/call.js";
import type { PartState } from "../batch-record.js";
import type { PartName } from "../read-model.js";
import { ofScope } from "./in-scope.js";
import { lookUp } from "./look-up.js";
import { partRecord } from "./rows.js";
import type { PartsTable, Tables } from "./tables.js";

/** The states of a batch's parts, in the order given; undefined for those that it did not request. */
export async function partStates(
  db: Kysely<Tables>,
  batchId: string,
  names: readonly PartName[],
  scope: Scope,
): Promise<(PartState | undefined)[]> {
  if (names.length === 0) return [];
  const keys = {
    kind: { type: "text", values: names.map(({ kind }) => kind) },
    hash: { type: "text", values: names.map(({ hash }) => hash) },
  } as const;
  const { rows } = await lookUp<Selectable<PartsTable>>("parts", batchId, keys, ofScope(scope)).execute(db);
  const states = new Map(rows.map((row) => [keyOf(row as PartName), partRecord(row).state] as const));
  return names.map((name) => states.get(keyOf(name)));
}

const keyOf = ({ kind, hash }: PartName): string => `${kind} ${hash}`;
