import type { JsonValue } from "@bufbuild/protobuf";

/** One request as it came in, without its protocol's envelope. */
export interface RawRequest {
  readonly method: CheckedMethod;
  readonly isJson: boolean;
  /** What it is compressed with; undefined: not at all. */
  readonly encoding: string | undefined;
  readonly bytes: Uint8Array;
  /** Limit of the size uncompressed. */
  readonly maxBytes: number;
}

/** What became of the check: the error to answer, as Connect's JSON; undefined where nothing is wrong. */
export interface Verdict {
  readonly error: JsonValue | undefined;
}

/** Methods whose requests can be large: those that take a whole batch. */
export const CHECKED_METHODS = ["SubmitBatch", "EstimateBatch"] as const;
export type CheckedMethod = (typeof CHECKED_METHODS)[number];
