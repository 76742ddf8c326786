import { WarningCode } from "./gen/polyreel/v1/events_pb.js";
import { FailureCode } from "./gen/polyreel/v1/failure_pb.js";

/**
 * Whether the same again may succeed later, by the code alone. A field of its own could contradict the code, and would have to
 * be filled by everyone who makes a failure; the table can only be wrong in one place. proto/polyreel/v1/failure.proto has the
 * reasons.
 */
const WORTH_RETRYING: Record<FailureCode, boolean> = {
  [FailureCode.UNSPECIFIED]: true,
  [FailureCode.INVALID_ARGUMENT]: false,
  [FailureCode.SOURCE_INVALID]: false,
  [FailureCode.SOURCE_UNAVAILABLE]: true,
  [FailureCode.NOT_FOUND]: false,
  [FailureCode.FAILED_PRECONDITION]: false,
  [FailureCode.OUT_OF_RANGE]: false,
  [FailureCode.ALREADY_EXISTS]: false,
  [FailureCode.RESOURCE_EXHAUSTED]: true,
  [FailureCode.UNAVAILABLE]: true,
  [FailureCode.CANCELLED]: false,
  [FailureCode.INTERNAL]: true,
  [FailureCode.PERMISSION_DENIED]: false,
};

/** A code of a later release, unknown here, is worth a retry. */
export const isWorthRetrying = (code: FailureCode): boolean => WORTH_RETRYING[code] ?? true;

/** All codes, UNSPECIFIED included. */
export const failureCodes: readonly FailureCode[] = Object.keys(WORTH_RETRYING).map(Number);

/** As people and JSON name a code: "source_unavailable". */
export const failureCodeName = (code: FailureCode): string => (FailureCode[code] ?? "unspecified").toLowerCase();

/** As people and JSON name a warning's code: "sound_cut". */
export const warningCodeName = (code: WarningCode): string => (WarningCode[code] ?? "unspecified").toLowerCase();
