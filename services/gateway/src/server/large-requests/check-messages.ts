import type { JsonValue } from "@bufbuild/protobuf";

/** A request as received, without its protocol's envelope. */
export interface RawRequest {
  readonly method: CheckedMethod;
  readonly isJson: boolean;
  /** Its compression; undefined: none. */
  readonly encoding: string | undefined;
  readonly bytes: Uint8Array;
  /** Limit for the uncompressed size. */
  readonly maxBytes: number;
}

/** Result of the check: the error response, as Connect's JSON; undefined if valid. */
export interface Verdict {
  readonly error: JsonValue | undefined;
}

/** Methods with potentially large requests: those with a whole batch. */
export const CHECKED_METHODS = ["SubmitBatch", "EstimateBatch"] as const;
export type CheckedMethod = (typeof CHECKED_METHODS)[number];
