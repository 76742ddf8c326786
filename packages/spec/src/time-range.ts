import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import type { TimeRange } from "@polyreel/contract";

/** A single spelling, by start and end. */
export function fillTimeRange(range: TimeRange): void {
  range.start ??= create(DurationSchema);
  if (range.duration && !range.end) range.end = durationOf(nanosOf(range.start) + nanosOf(range.duration));
  delete range.duration;
}

const NANOS = 1_000_000_000n;

const nanosOf = (duration: Duration | undefined): bigint =>
  duration ? duration.seconds * NANOS + BigInt(duration.nanos) : 0n;

const durationOf = (nanos: bigint): Duration =>
  create(DurationSchema, { seconds: nanos / NANOS, nanos: Number(nanos % NANOS) });

/** Whether a time is the beginning, which an unset one is too. */
export const isZero = (duration: Duration | undefined): boolean => nanosOf(duration) === 0n;
