import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";

/** Seconds as a protobuf duration, to the nanosecond. */
export function durationOf(seconds: number): Duration {
  const nanos = Math.round(seconds * 1e9);
  return create(DurationSchema, { seconds: BigInt(Math.floor(nanos / 1e9)), nanos: nanos % 1e9 });
}
