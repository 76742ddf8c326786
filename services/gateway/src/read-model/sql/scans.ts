import { CombinationState } from "@polyreel/contract";
import { type CombinationKey, hasValue } from "../combination-order.js";
import { compareValues } from "../order.js";
import type { CombinationsAsked } from "../read-model.js";

/**
 * A way through a batch's combinations that an index leads along: of one state, by one column and the ordinal. What is asked
 * for is put together from the beginnings of a few of them, however many combinations there are.
 */
export interface Scan {
  /** Undefined: of all states, by ordinal. */
  readonly state: CombinationState | undefined;
  /** Undefined: by ordinal alone. */
  readonly column: Column | undefined;
  /** It begins behind this one; undefined: with the first. */
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

type Asked = Pick<CombinationsAsked, "state" | "order" | "after">;

/** The scans that a page is put together from; all of a later group stand behind all of those before it. */
export function scansOf(asked: Asked): Scan[][] {
  const { state, order, after } = asked;
  if (state !== CombinationState.UNSPECIFIED) return nonEmpty([scansOfState(state, asked)]);
  if (order.state) {
    const states = order.state === "asc" ? STATES : [...STATES].reverse();
    return nonEmpty(states.map((one) => scansOfState(one, asked)));
  }
  if (order.key === "ordinal") return [[{ state: undefined, column: undefined, behind: after }]];
  const all = STATES.flatMap((one) => scansOfState(one, asked));
  return nonEmpty([all.filter(({ column }) => column), all.filter(({ column }) => !column)]);
}

const nonEmpty = (groups: Scan[][]): Scan[][] => groups.filter(({ length }) => length > 0);

/** One, or none where all of the state stands before the position. */
function scansOfState(state: CombinationState, { order, after }: Asked): Scan[] {
  const isValued = hasValue(order.key, state);
  const column = isValued && order.key !== "ordinal" ? COLUMNS[order.key] : undefined;
  const whole: Scan = { state, column, behind: undefined };
  if (!after) return [whole];
  if (order.state && state !== after.state) return compareValues(state, after.state, order.state) > 0 ? [whole] : [];
  if (isValued === (after.value !== undefined)) return [{ ...whole, behind: after }];
  return isValued ? [] : [whole]; // what has no value comes last
}
