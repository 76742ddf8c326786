import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";

/** Undefined for the configured one. */
export const lifetimeMsOf = (lifetime: Duration | undefined): number | undefined => lifetime && durationMs(lifetime);
