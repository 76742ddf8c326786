import { timestampDate } from "@bufbuild/protobuf/wkt";
import { CombinationState, type CombinationStatus, durationSecondsOf } from "@polyreel/contract";
import { compareValues, type Direction } from "./order.js";

/** Sort keys of a batch's combinations, with or without their state before them. */
export const combinationKeys = ["ordinal", "ended_at", "duration", "size"] as const;
export type CombinationKey = (typeof combinationKeys)[number];

/** Order of a batch's combinations. Ties are ordered by ordinal, in the key's direction. */
export interface CombinationOrder {
  /** By state first, in the order of the enum; undefined: not by state. */
  readonly state: Direction | undefined;
  readonly key: CombinationKey;
  readonly direction: Direction;
}

export const BY_ORDINAL: CombinationOrder = { state: undefined, key: "ordinal", direction: "asc" };

/** Position of a combination in an order of its batch. */
export interface CombinationPosition {
  readonly state: CombinationState;
  /** Value of the key; undefined if the state has none, and for ordinals, which are the tie-breaker anyway. */
  readonly value: number | undefined;
  readonly ordinal: number;
}

/** Which states have a value of a key: only delivered combinations have a length, only ended ones an end. */
export function hasValue(key: CombinationKey, state: CombinationState): boolean {
  if (key === "ordinal") return false;
  if (state === CombinationState.DELIVERED) return true;
  return key === "ended_at" && (state === CombinationState.FAILED || state === CombinationState.REJECTED);
}

export const positionOf = (status: CombinationStatus, { key }: CombinationOrder): CombinationPosition => ({
  state: status.state,
  value: hasValue(key, status.state) ? valueIn(status, key) : undefined,
  ordinal: Number(status.ordinal),
});

/** Milliseconds, seconds or bytes. */
function valueIn({ endedAt, certificate }: CombinationStatus, key: CombinationKey): number {
  switch (key) {
    case "ended_at":
      return endedAt ? timestampDate(endedAt).getTime() : 0;
    case "duration":
      return certificate ? durationSecondsOf(certificate) : 0;
    case "size":
      return Number(certificate?.sizeBytes ?? 0n);
    case "ordinal":
      return Number.NaN;
  }
}

export const comparePositions =
  ({ state, direction }: CombinationOrder) =>
  (a: CombinationPosition, b: CombinationPosition): number =>
    (state ? compareValues(a.state, b.state, state) : 0) ||
    compareValues(a.value, b.value, direction) ||
    compareValues(a.ordinal, b.ordinal, direction);
