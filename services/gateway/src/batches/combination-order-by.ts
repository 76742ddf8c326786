import { BY_ORDINAL, type CombinationOrder, combinationKeys } from "../read-model/combination-order.js";
import { parseOrderBy, wrongOrder } from "./order-by.js";

const FIELDS = ["state", ...combinationKeys] as const;

/**
 * Parses an `order_by` of combinations. Accepts only orders with an index: the state, followed or replaced by one other
 * field. Fields after the ordinal have no effect. Throws PolyreelError `invalid`.
 */
export function combinationOrderOf(orderBy: string): CombinationOrder {
  const terms = parseOrderBy(orderBy, FIELDS);
  const state = terms[0]?.field === "state" ? terms[0].direction : undefined;
  const [first, next] = state ? terms.slice(1) : terms;
  if (!first) return { ...BY_ORDINAL, state };
  const { field: key, direction } = first;
  if (key === "state") throw tooMany("state", "stands before the other field");
  if (!next || key === "ordinal") return { state, key, direction };
  if (next.field !== "ordinal") throw tooMany(next.field, `can't follow ${key}`);
  if (next.direction === direction) return { state, key, direction };
  throw wrongOrder(
    `Ordinals go in the same direction as ${key}.`,
    `Say "${key}${direction === "desc" ? " desc" : ""}" alone: equals follow by ordinal.`,
  );
}

const tooMany = (field: string, why: string) =>
  wrongOrder(
    `"${field}" ${why}: no index leads through such a list.`,
    'Sort by the state, one other field, or both in this order: "state, size desc".',
  );
