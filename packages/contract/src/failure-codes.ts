import { WarningCode } from "./gen/polyreel/v1/events_pb.js";
import { FailureCode } from "./gen/polyreel/v1/failure_pb.js";

/**
 * Whether a retry may succeed later, by the code alone. A separate field could contradict the code, and would have to
 * be filled in wherever a failure is made. proto/polyreel/v1/failure.proto has the reasons.
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
  [FailureCode.UNAUTHENTICATED]: false,
};

/** An unknown code of a later release is worth a retry. */
export const isWorthRetrying = (code: FailureCode): boolean => WORTH_RETRYING[code] ?? true;

/** All codes, UNSPECIFIED included. */
export const failureCodes: readonly FailureCode[] = Object.keys(WORTH_RETRYING).map(Number);

/** Name of a code in JSON and on the command line: "source_unavailable". */
export const failureCodeName = (code: FailureCode): string => (FailureCode[code] ?? "unspecified").toLowerCase();

/** Name of a warning's code: "sound_cut". */
export const warningCodeName = (code: WarningCode): string => (WarningCode[code] ?? "unspecified").toLowerCase();
