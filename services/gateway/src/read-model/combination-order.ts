import { timestampDate } from "@bufbuild/protobuf/wkt";
import { CombinationState, type CombinationStatus, durationSecondsOf } from "@polyreel/contract";
import { compareValues, type Direction } from "./order.js";

/** What a batch's combinations can be sorted by, behind their state or without it. */
export const combinationKeys = ["ordinal", "ended_at", "duration", "size"] as const;
export type CombinationKey = (typeof combinationKeys)[number];

/** How a batch's combinations are sorted. Equals follow by ordinal, in the key's direction. */
export interface CombinationOrder {
  /** By state first of all, in the order of the enum; undefined: states are not told apart. */
  readonly state: Direction | undefined;
  readonly key: CombinationKey;
  readonly direction: Direction;
}

export const BY_ORDINAL: CombinationOrder = { state: undefined, key: "ordinal", direction: "asc" };

/** Where a combination stands among those of its batch, in some order. */
export interface CombinationPosition {
  readonly state: CombinationState;
  /** Of the key; undefined where the state has none, and of ordinals, which stand behind it anyway. */
  readonly value: number | undefined;
  readonly ordinal: number;
}

/** Which states have a value of a key: only what is delivered has a length, only what has ended an end. */
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
