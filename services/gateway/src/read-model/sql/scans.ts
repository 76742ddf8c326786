import { CombinationState } from "@polyreel/contract";
import { type CombinationKey, hasValue } from "../combination-order.js";
import { compareValues } from "../order.js";
import type { CombinationsQuery } from "../read-model.js";

/**
 * An index scan over a batch's combinations: of one state, by one column and the ordinal. A page is merged from the
 * beginnings of a few scans, however many combinations there are.
 */
export interface Scan {
  /** Undefined: all states, by ordinal. */
  readonly state: CombinationState | undefined;
  /** Undefined: by ordinal alone. */
  readonly column: Column | undefined;
  /** Starts after this one; undefined: with the first. */
  readonly behind: { readonly value: number | undefined; readonly ordinal: number } | undefined;
}

type Column = (typeof COLUMNS)[Exclude<CombinationKey, "ordinal">];
const COLUMNS = { ended_at: "ended_at", duration: "duration_seconds", size: "size_bytes" } as const;

const STATES = [
  CombinationState.PLANNED,
  CombinationState.RENDERED,
  CombinationState.DELIVERED,
  CombinationState.FAILED,
  CombinationState.AWAITING_APPROVAL,
  CombinationState.REJECTED,
] as const;

type ScanQuery = Pick<CombinationsQuery, "state" | "order" | "after">;

/** The scans that a page is merged from; all of a later group come after all of the earlier ones. */
export function scansOf(query: ScanQuery): Scan[][] {
  const { state, order, after } = query;
  if (state !== CombinationState.UNSPECIFIED) return nonEmpty([scansOfState(state, query)]);
  if (order.state) {
    const states = order.state === "asc" ? STATES : [...STATES].reverse();
    return nonEmpty(states.map((one) => scansOfState(one, query)));
  }
  if (order.key === "ordinal") return [[{ state: undefined, column: undefined, behind: after }]];
  const all = STATES.flatMap((one) => scansOfState(one, query));
  return nonEmpty([all.filter(({ column }) => column), all.filter(({ column }) => !column)]);
}

const nonEmpty = (groups: Scan[][]): Scan[][] => groups.filter(({ length }) => length > 0);

/** One, or none if all of the state is before the position. */
function scansOfState(state: CombinationState, { order, after }: ScanQuery): Scan[] {
  const isValued = hasValue(order.key, state);
  const column = isValued && order.key !== "ordinal" ? COLUMNS[order.key] : undefined;
  const whole: Scan = { state, column, behind: undefined };
  if (!after) return [whole];
  if (order.state && state !== after.state) return compareValues(state, after.state, order.state) > 0 ? [whole] : [];
  if (isValued === (after.value !== undefined)) return [{ ...whole, behind: after }];
  return isValued ? [] : [whole]; // Missing values come last.
}
