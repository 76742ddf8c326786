import { FailureCode } from "@polyreel/contract";
import { type ErrorCode, PolyreelError } from "@polyreel/platform";

/** How Google refused a request; the cause of an error, for the log. Contains neither headers nor bodies. */
export class DriveRefusal extends Error {
  override readonly name = "DriveRefusal";

  constructor(
    readonly status: number,
    /** As in `userRateLimitExceeded`; empty if Google gave none. */
    readonly reason: string,
  ) {
    super(`Google Drive answered ${status}${reason && ` ${reason}`}`);
  }
}

/** A request without an answer; the cause of an error, for the log. */
export class LostAnswer extends Error {
  override readonly name = "LostAnswer";

  constructor(
    /** As in `ECONNRESET`; `TIMEOUT` if the deadline passed. */
    readonly code: string,
  ) {
    super(`Google Drive gave no answer${code && ` (${code})`}`);
  }
}

interface Fault {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly remedy: string;
  /** Whether it may recover while work waits for it. */
  readonly outage: boolean;
  /** Of the failure, if it is more specific than the error's. */
  readonly wire?: FailureCode;
}

const BUSY: Fault = {
  code: "unavailable",
  reason: "Google limits the rate of requests",
  remedy:
    "It is tried again. If this repeats, deliver less at once (POLYREEL_DELIVERIES), or raise the project's quota.",
  outage: true,
};
const OUT_OF_ORDER: Fault = {
  code: "unavailable",
  reason: "Google Drive is out of order",
  remedy: "It is tried again; https://www.google.com/appsstatus shows outages.",
  outage: true,
};
/** Waiting does not help: somebody has to free space, which takes longer than work waits. */
const FULL: Fault = {
  code: "precondition",
  reason: "the storage quota of the account is used up",
  remedy:
    "Free some space or empty the trash. A service account has no storage of its own: deliver to a shared drive by `sharedDrive`.",
  outage: false,
  wire: FailureCode.RESOURCE_EXHAUSTED,
};
const TOO_MANY: Fault = {
  code: "precondition",
  reason: "the folder or the shared drive has as many files as Google allows",
  remedy: "Choose another folder, or remove files from it.",
  outage: false,
  wire: FailureCode.RESOURCE_EXHAUSTED,
};
export const REVOKED: Fault = {
  code: "precondition",
  reason: "its credentials are revoked or have expired",
  remedy:
    "Run `polyreel drive login` again and replace the credentials file, or create a new key of the service account. A replaced file is noticed without a restart.",
  outage: false,
  wire: FailureCode.PERMISSION_DENIED,
};
const NO_RIGHTS: Fault = {
  code: "unavailable",
  reason: "the account has no right to write there",
  remedy: "Share the folder or shared drive with the account, as a content manager.",
  outage: true,
};
const NARROW_SCOPE: Fault = {
  code: "unavailable",
  reason: "the credentials do not include the right to use Drive",
  remedy: "Run `polyreel drive login` again and allow everything that the consent page lists.",
  outage: true,
};
const NOT_ENABLED: Fault = {
  code: "unavailable",
  reason: "the Google Drive API is not enabled in the project of the credentials",
  remedy: "Enable it in Google's console, under APIs & Services; Google takes a few minutes to apply that.",
  outage: true,
};
const DOMAIN_POLICY: Fault = {
  code: "precondition",
  reason: "an administrator of the domain does not allow this application",
  remedy: "Ask the administrator to allow it, or use another account.",
  outage: false,
  wire: FailureCode.PERMISSION_DENIED,
};
const CLOCK: Fault = {
  code: "unavailable",
  reason: "this machine's clock is off, so Google refuses what it signs",
  remedy: "Set the clock, by NTP for example.",
  outage: true,
};
export const GONE: Fault = {
  code: "unavailable",
  reason: "its folder is deleted, in the trash, or not visible to the account",
  remedy:
    "Restore the folder, or configure another one. With the scope drive.file Google shows only folders that Polyreel made: give the folder by its path, or use the scope drive.",
  outage: true,
};
export const DAMAGED: Fault = {
  code: "unavailable",
  reason: "the file arrived damaged",
  remedy: "It is sent again. If this repeats, look for what changes it on the way.",
  outage: true,
};
const NO_ANSWER: Fault = {
  code: "unavailable",
  reason: "it does not answer",
  remedy: "See that this machine reaches www.googleapis.com and oauth2.googleapis.com.",
  outage: true,
};

/** By Google's `reason`. */
const FAULTS: Readonly<Record<string, Fault>> = {
  userRateLimitExceeded: BUSY,
  rateLimitExceeded: BUSY,
  dailyLimitExceeded: BUSY,
  quotaExceeded: BUSY,
  RATE_LIMIT_EXCEEDED: BUSY,
  storageQuotaExceeded: FULL,
  teamDriveFileLimitExceeded: TOO_MANY,
  numChildrenInNonRootLimitExceeded: TOO_MANY,
  activeItemCreationLimitExceeded: TOO_MANY,
  teamDriveHierarchyTooDeep: TOO_MANY,
  insufficientFilePermissions: NO_RIGHTS,
  insufficientParentPermissions: NO_RIGHTS,
  teamDriveMembershipRequired: NO_RIGHTS,
  cannotAddParent: NO_RIGHTS,
  forbidden: NO_RIGHTS,
  insufficientPermissions: NARROW_SCOPE,
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: NARROW_SCOPE,
  accessNotConfigured: NOT_ENABLED,
  SERVICE_DISABLED: NOT_ENABLED,
  domainPolicy: DOMAIN_POLICY,
  authError: REVOKED,
  invalid_grant: REVOKED,
  invalid_client: REVOKED,
  unauthorized_client: REVOKED,
  deleted_client: REVOKED,
  notFound: GONE,
  backendError: OUT_OF_ORDER,
  internalError: OUT_OF_ORDER,
};

/** If Google gives no known reason. */
function faultOfStatus({ status, reason }: DriveRefusal): Fault {
  if (status === 429) return BUSY;
  if (status === 408 || status >= 500) return OUT_OF_ORDER;
  if (status === 401) return REVOKED;
  if (status === 403) return NO_RIGHTS;
  if (status === 404) return GONE;
  return {
    code: "unavailable",
    reason: `Google refused it (${status}${reason && ` ${reason.slice(0, 60)}`})`,
    remedy: "Look in the service's log, and report this.",
    outage: false,
  };
}

const faultOf = (cause: DriveRefusal | LostAnswer): Fault =>
  cause instanceof LostAnswer ? NO_ANSWER : (FAULTS[cause.reason] ?? faultOfStatus(cause));

/** Whether a request may succeed a moment later. */
export function isTransient(cause: DriveRefusal | LostAnswer): boolean {
  const fault = faultOf(cause);
  return fault === NO_ANSWER || fault === OUT_OF_ORDER || (fault === BUSY && cause instanceof DriveRefusal);
}

/** Describes a failure for users, with the destination's name, the cause and the remedy. */
export const driveError = (destination: string, fault: Fault, cause?: unknown): PolyreelError =>
  new PolyreelError(
    fault.code,
    {
      reason: `Cannot use the destination ${JSON.stringify(destination)} on Google Drive: ${fault.reason}.`,
      remedy: fault.remedy,
      ...(fault.wire !== undefined && { code: fault.wire }),
    },
    { cause, outage: fault.outage },
  );

export const refusalError = (destination: string, cause: DriveRefusal | LostAnswer): PolyreelError =>
  driveError(destination, faultOf(cause), cause);

/** A refused token request. A wrong clock has the same error code as a revoked key. */
export function tokenError(destination: string, refusal: DriveRefusal, description: string): PolyreelError {
  if (/\b(iat|exp)\b|timeframe/i.test(description)) return driveError(destination, CLOCK, refusal);
  return refusalError(destination, refusal);
}
