import { type Failure, failureCodeName, isWorthRetrying } from "@polyreel/contract";

/** A failure as plain JSON: whose fault it is, and whether a retry may help, by names. */
export const plainFailure = ({ code, block, choice, reason, remedy }: Failure) => ({
  code: failureCodeName(code),
  worthRetrying: isWorthRetrying(code),
  block,
  choice,
  reason,
  remedy,
});
