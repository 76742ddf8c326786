import { type ErrorCode, PolyreelError } from "../../errors.js";
import { systemCode } from "../../files/disk-error.js";
import { DamagedObject } from "../damaged-object.js";
import { describeS3, type S3Address } from "./s3-address.js";

/** How a server refused a request; the cause of an error, for the log. Its own message may quote what was signed: left out. */
export class S3Refusal extends Error {
  override readonly name = "S3Refusal";

  constructor(
    readonly status: number,
    /** As in `NoSuchBucket`; empty where the server gave none. */
    readonly s3Code: string,
    readonly requestId: string,
  ) {
    super(`S3 answered ${status}${s3Code && ` ${s3Code}`}`);
  }
}

/** What an answer says beside the refusal itself. */
interface RefusalDetails {
  /** The region that the bucket is in, where the server names one. */
  readonly region?: string | undefined;
  /** The server's clock. */
  readonly date?: string | undefined;
  readonly address: S3Address;
}

interface Fault {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly remedy: string;
  /** Whether it may recover without a restart: then work waits for it. */
  readonly outage: boolean;
}

const FULL: Fault = {
  code: "exhausted",
  reason: "the bucket, or its server, is full",
  remedy: "Free some space there, or raise its quota.",
  outage: true,
};
const BUSY: Fault = {
  code: "unavailable",
  reason: "the server is busy or out of order",
  remedy: "It is tried again; if this repeats, look at the server.",
  outage: true,
};
const DAMAGED: Fault = {
  code: "unavailable",
  reason: "what was sent arrived damaged",
  remedy: "It is sent again; if this repeats, look for what changes it on the way.",
  outage: true,
};
const NO_ACLS: Fault = {
  code: "precondition",
  reason: "the bucket does not allow access rights of single objects (ACLs)",
  remedy: "Leave out `public: true`, and make the objects public by a policy of the bucket; or enable ACLs there.",
  outage: false,
};
const NO_STORAGE_CLASS: Fault = {
  code: "invalid",
  reason: "the server does not have the storage class that the batch asks for",
  remedy: "Correct `storageClass`, or leave it out.",
  outage: false,
};
const METADATA_TOO_LARGE: Fault = {
  code: "invalid",
  reason: "the metadata of the object is larger than the server takes",
  remedy: "Give fewer or shorter `metadata`.",
  outage: false,
};
const KEY_TOO_LONG: Fault = {
  code: "invalid",
  reason: "the name of the object is longer than the server takes",
  remedy: "Choose a shorter naming or prefix.",
  outage: false,
};

/** The remedy may depend on what uses the bucket. */
type FaultOf = (details: RefusalDetails) => Fault;

const denied: FaultOf = ({ address }) => ({
  code: "unavailable",
  reason: "these keys do not have the right to do this",
  remedy: address.terms.rightsRemedy,
  outage: true,
});
const unknownKeys: FaultOf = ({ address }) => ({
  code: "unavailable",
  reason: "the server does not know the access key, or it has expired",
  remedy: address.terms.keysRemedy,
  outage: true,
});
const wrongSecret: FaultOf = ({ address }) => ({
  code: "unavailable",
  reason: "the secret access key is wrong",
  remedy: `${address.terms.keysRemedy} A proxy that changes the Host header has the same effect.`,
  outage: true,
});
const noSuchBucket: FaultOf = ({ address }) => ({
  code: "unavailable",
  reason: `the bucket ${address.bucket} does not exist`,
  remedy: address.terms.missingBucketRemedy,
  outage: true,
});

function skewed({ date }: RefusalDetails): Fault {
  const minutes = Math.round(Math.abs(Date.now() - Date.parse(date ?? "")) / 60_000);
  return {
    code: "unavailable",
    reason: `this machine's clock is ${Number.isFinite(minutes) ? `${minutes} minutes` : "too far"} off the server's`,
    remedy: "Set the clock, by NTP for example.",
    outage: true,
  };
}

function otherRegion({ region, address }: RefusalDetails): Fault {
  return {
    code: "precondition",
    reason: `the bucket ${address.bucket} is in ${region ? `the region ${region}` : "another region"}, not ${address.region}`,
    remedy: `Give region=${region || "<the bucket's region>"} in ${address.terms.address}${region ? "" : ", and the endpoint of that region"}.`,
    outage: false,
  };
}

const FAULTS: Readonly<Record<string, FaultOf>> = {
  NoSuchBucket: noSuchBucket,
  InvalidAccessKeyId: unknownKeys,
  ExpiredToken: unknownKeys,
  InvalidToken: unknownKeys,
  SignatureDoesNotMatch: wrongSecret,
  AccessDenied: denied,
  AllAccessDisabled: denied,
  AccountProblem: denied,
  RequestTimeTooSkewed: skewed,
  RequestExpired: skewed,
  PermanentRedirect: otherRegion,
  TemporaryRedirect: otherRegion,
  AuthorizationHeaderMalformed: otherRegion,
  IllegalLocationConstraintException: otherRegion,
  QuotaExceeded: () => FULL,
  BucketQuotaExceeded: () => FULL,
  XMinioAdminBucketQuotaExceeded: () => FULL,
  XMinioStorageFull: () => FULL,
  InsufficientStorage: () => FULL,
  ServiceQuotaExceeded: () => FULL,
  SlowDown: () => BUSY,
  SlowDownRead: () => BUSY,
  SlowDownWrite: () => BUSY,
  TooManyRequests: () => BUSY,
  InternalError: () => BUSY,
  ServiceUnavailable: () => BUSY,
  RequestTimeout: () => BUSY,
  OperationAborted: () => BUSY,
  ConditionalRequestConflict: () => BUSY,
  NoSuchUpload: () => BUSY,
  AccessControlListNotSupported: () => NO_ACLS,
  InvalidStorageClass: () => NO_STORAGE_CLASS,
  MetadataTooLarge: () => METADATA_TOO_LARGE,
  KeyTooLongError: () => KEY_TOO_LONG,
  BadDigest: () => DAMAGED,
  InvalidDigest: () => DAMAGED,
  IncompleteBody: () => DAMAGED,
  XAmzContentSHA256Mismatch: () => DAMAGED,
  XAmzContentChecksumMismatch: () => DAMAGED,
};

/** Where the code says nothing. */
function faultOfStatus(status: number, details: RefusalDetails): Fault | undefined {
  if (status === 507) return FULL;
  if (status >= 500 && status !== 501) return BUSY;
  if (status === 408 || status === 429) return BUSY;
  if (status === 401 || status === 403) return denied(details);
  if (status >= 300 && status < 400) return otherRegion(details);
  return undefined;
}

/** Repeated at once, a few times: those that are often over within a second. */
const TRANSIENT = new Set<Fault>([BUSY, DAMAGED]);

export interface S3Failure {
  readonly error: PolyreelError;
  readonly transient: boolean;
}

/** An error in the words of users, from a server's refusal. */
export function refusalFailure(refusal: S3Refusal, details: RefusalDetails): S3Failure {
  const { status, s3Code } = refusal;
  const fault = FAULTS[s3Code]?.(details) ?? faultOfStatus(status, details) ?? unknownFault(refusal);
  return { error: faultError(fault, details.address, refusal), transient: TRANSIENT.has(fault) };
}

const unknownFault = ({ status, s3Code }: S3Refusal): Fault => ({
  code: status === 501 ? "precondition" : "unavailable",
  reason: `the server refused it (${status}${s3Code && ` ${s3Code.slice(0, 60)}`})`,
  remedy: "Look in the server's log; see whether it supports S3's conditional writes and multipart uploads.",
  outage: false,
});

function faultError({ code, reason, remedy, outage }: Fault, address: S3Address, cause: unknown): PolyreelError {
  const failure = { reason: `Cannot use ${address.terms.subject(describeS3(address))}: ${reason}.`, remedy };
  return new PolyreelError(code, failure, { cause, outage });
}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name is unknown",
  EAI_AGAIN: "its name could not be looked up",
  ECONNRESET: "the connection was broken",
  EPIPE: "the connection was broken",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "it can't be reached",
  ENETUNREACH: "its network can't be reached",
};

/** An error in the words of users, from a failed connection. */
export function networkFailure(cause: unknown, address: S3Address): S3Failure {
  const code = systemCode(cause) ?? "";
  const certificate = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code);
  const reason = certificate
    ? `its certificate is not trusted (${code})`
    : (NETWORK[code] ?? "the connection was broken");
  const remedy = certificate
    ? "Correct the endpoint, or name the authority's certificate by NODE_EXTRA_CA_CERTS."
    : `Correct the endpoint in ${address.terms.address}, or see that the server runs and can be reached.`;
  return {
    error: faultError({ code: "unavailable", reason, remedy, outage: true }, address, cause),
    transient: !certificate,
  };
}

export const silentFailure = (seconds: number, address: S3Address): S3Failure => ({
  error: faultError(
    {
      code: "unavailable",
      reason: `the server did not answer within ${seconds} s`,
      remedy: "It is tried again; if this repeats, look at the server and the network.",
      outage: true,
    },
    address,
    undefined,
  ),
  transient: true,
});

/** An answer that does not match the object; reading it again may help. */
export const wrongBytes = (key: string, what: string, address: S3Address): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: `T${address.terms.subject(describeS3(address)).slice(1)} gave ${what} for ${key}.`,
      remedy: "It is read again; if this repeats, look for what changes it on the way.",
    },
    { outage: false },
  );

/** Its bytes changed inside the server. */
export const damagedObject = (key: string, address: S3Address): DamagedObject =>
  new DamagedObject(
    "unavailable",
    {
      reason: `The bytes of ${key} in ${describeS3(address)} are damaged: twice they had another checksum than when they were written.`,
      remedy: "Remove damaged objects by `polyreel scrub`: parts are made again, sources put again.",
    },
    { outage: false },
  );
