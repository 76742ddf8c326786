import { type Failure, failureCodeName, isWorthRetrying, type Warning, warningCodeName } from "@polyreel/contract";

/** A failure as plain JSON, with its code and whether a retry may help. */
export const plainFailure = ({ code, block, choice, reason, remedy }: Failure) => ({
  code: failureCodeName(code),
  worthRetrying: isWorthRetrying(code),
  block,
  choice,
  reason,
  remedy,
});

/** A warning as plain JSON. */
export const plainWarning = ({ block, choice, reason, code }: Warning) => ({
  code: warningCodeName(code),
  block,
  choice,
  reason,
});
