import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { BatchStatus } from "@polyreel/contract";
import { compareValues, type Direction } from "./order.js";

/** Sort keys of batches. */
export const batchKeys = ["submitted_at", "finished_at", "name"] as const;
export type BatchKey = (typeof batchKeys)[number];

/** Order of batches. Ties are ordered by id, in the same direction. */
export interface BatchOrder {
  readonly key: BatchKey;
  readonly direction: Direction;
}

export const NEWEST_FIRST: BatchOrder = { key: "submitted_at", direction: "desc" };

/** Position of a batch in an order. */
export interface BatchPosition {
  /** Milliseconds, or the name; undefined for unfinished ones, which come last. */
  readonly value: number | string | undefined;
  readonly batchId: string;
}

export const positionOf = (status: BatchStatus, { key }: BatchOrder): BatchPosition => ({
  value: valueIn(status, key),
  batchId: status.batchId,
});

function valueIn({ submittedAt, finishedAt, name }: BatchStatus, key: BatchKey): number | string | undefined {
  switch (key) {
    case "submitted_at":
      return submittedAt ? timestampDate(submittedAt).getTime() : 0;
    case "finished_at":
      return finishedAt && timestampDate(finishedAt).getTime();
    case "name":
      return name;
  }
}

export const comparePositions =
  ({ direction }: BatchOrder) =>
  (a: BatchPosition, b: BatchPosition): number =>
    compareValues(a.value, b.value, direction) || compareValues(a.batchId, b.batchId, direction);
