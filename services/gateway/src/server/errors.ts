import { toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Violation, violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Failure, FailureSchema } from "@polyreel/contract";
import { RetryInfoSchema } from "@polyreel/contract/google/rpc/error_details_pb.js";
import { type ErrorCode, toPolyreelError } from "@polyreel/platform";

/** The status for clients, by whose fault it is. */
const STATUS: Record<ErrorCode, Code> = {
  invalid: Code.InvalidArgument,
  not_found: Code.NotFound,
  denied: Code.PermissionDenied,
  unauthenticated: Code.Unauthenticated,
  precondition: Code.FailedPrecondition,
  out_of_range: Code.OutOfRange,
  conflict: Code.AlreadyExists,
  exhausted: Code.ResourceExhausted,
  unavailable: Code.Unavailable,
  cancelled: Code.Canceled,
  internal: Code.Internal,
};

/**
 * gRPC sends details in a header, base64-encoded, and clients built on the C core refuse headers over 8 KiB: the
 * details of one response stay below this size.
 */
const DETAILS_BYTES = 4096;

/**
 * Converts any thrown value to the status for clients, with the Failure as its detail. Internal errors are only logged.
 * If a call was aborted, `signal` has the reason, such as a deadline.
 */
export function toConnectError(error: unknown, signal?: AbortSignal): ConnectError {
  if (error instanceof ConnectError) return error;
  if (isCallerGone(error)) return new ConnectError("The caller went away amid its request.", Code.Canceled);
  const known = toPolyreelError(error);
  if (known.code === "cancelled" && signal?.reason instanceof ConnectError) return signal.reason;
  const status = withFailures(STATUS[known.code], [known.failure], [], known);
  if (known.retryAfterMs !== undefined) addRetryAfter(status, known.retryAfterMs);
  return status;
}

/** For clients of gRPC as a detail, for those of HTTP as a header: https://google.aip.dev/194, RFC 9110, 10.2.3 */
function addRetryAfter(status: ConnectError, ms: number): void {
  status.details.push({ desc: RetryInfoSchema, value: { retryDelay: durationFromMs(Math.ceil(ms)) } });
  status.metadata.set("Retry-After", retryAfterHeader(ms));
}

/** Value of the header: whole seconds, at least one. */
export const retryAfterHeader = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** Node.js's error for the body of an HTTP/1.1 request whose connection was closed early. */
const isCallerGone = (error: unknown): boolean =>
  error instanceof Error && error.message === "aborted" && (error as NodeJS.ErrnoException).code === "ECONNRESET";

const OUR_FAULT: ReadonlySet<Code> = new Set([Code.Unknown, Code.Internal, Code.DataLoss]);

/** Whether it belongs in the log, because the caller cannot fix it. */
export const isOurFault = (status: ConnectError): boolean => OUR_FAULT.has(status.code);

const SERVERS_FAULT: ReadonlySet<Code> = new Set([
  ...OUR_FAULT,
  ...[Code.DeadlineExceeded, Code.Unimplemented, Code.Unavailable],
]);

/** Whether a server's span has failed: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
export const isServersFault = (status: ConnectError): boolean => SERVERS_FAULT.has(status.code);

/** gRPC's name of a status: "OK", "INVALID_ARGUMENT". */
export const statusName = (status: ConnectError | undefined): string =>
  status === undefined
    ? "OK"
    : (Code[status.code] ?? "Unknown")
        .replace(/(?<=[a-z])(?=[A-Z])/g, "_")
        .toUpperCase()
        .replace("CANCELED", "CANCELLED");

/** A refused request, with every failure as a detail, followed by the violated rules, as far as they fit. */
export const invalidArgument = (failures: readonly Failure[], violations: readonly Violation[] = []): ConnectError =>
  withFailures(Code.InvalidArgument, failures, violations);

function withFailures(
  code: Code,
  failures: readonly Failure[],
  violations: readonly Violation[] = [],
  cause?: unknown,
): ConnectError {
  const error = new ConnectError(sentence(failures), code, undefined, undefined, cause);
  let room = DETAILS_BYTES;
  for (const failure of failures) {
    room -= toBinary(FailureSchema, failure).length;
    if (room < 0) break;
    error.details.push({ desc: FailureSchema, value: failure });
  }
  const [value, desc] = violationsToProto([...violations]);
  room -= toBinary(desc, value).length;
  if (violations.length > 0 && room >= 0) error.details.push({ desc, value });
  return error;
}

/** The first failure in full, for clients that show only the message, and the number of others. */
function sentence(failures: readonly Failure[]): string {
  const [first] = failures;
  if (!first) return "";
  const more = failures.length > 1 ? `(And ${failures.length - 1} more.)` : "";
  const text = [first.reason, first.remedy, more].filter((part) => part !== "").join(" ");
  return first.field ? `${first.field}: ${text}` : text;
}
