import { STATUS_CODES } from "node:http";
import { Code } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { type ErrorCode, PolyreelError, toPolyreelError } from "@polyreel/platform";
import { toConnectError } from "../server/errors.js";

/** Content type of a Problem. */
export const PROBLEM_TYPE = "application/problem+json";

/** A refusal over plain HTTP. Format: https://www.rfc-editor.org/rfc/rfc9457 */
export interface Problem {
  readonly status: number;
  /** The status in words, such as "Not Found". */
  readonly title: string;
  /** The cause and the remedy, as one text. */
  readonly detail: string;
  /** The same as fields: field, block, choice, reason and remedy, as far as they are known. */
  readonly failure?: Readonly<Record<string, string>>;
}

/**
 * Converts any thrown value. An error that has an HTTP status of its own keeps it, such as Fastify's of a body over its
 * limit. `signal` is that of the request: its reason tells a deadline from a client that disconnected. Internal errors
 * state nothing of their cause.
 */
export function toProblem(error: unknown, signal?: AbortSignal): Problem {
  const own = ownStatus(error);
  if (own !== undefined && !(error instanceof PolyreelError)) return problem(own, (error as Error).message);
  const status = toConnectError(error, signal);
  // No route has a deadline of its own: the client stopped sending in the middle of its request.
  if (status.code === Code.DeadlineExceeded) return problem(408, status.rawMessage);
  const { code, failure } = toPolyreelError(error);
  const { field, block, choice, reason, remedy } = failure;
  const known = Object.entries({ field, block, choice, reason, remedy }).filter(([, text]) => text !== "");
  return {
    ...problem(own ?? httpStatus(code, field) ?? codeToHttpStatus(status.code), status.rawMessage),
    ...(status.code !== Code.Internal && { failure: Object.fromEntries(known) }),
  };
}

export const problem = (status: number, detail: string): Problem => ({
  status,
  title: STATUS_CODES[status] ?? "",
  detail,
});

/** Statuses that plain HTTP has and Connect's codes do not. */
function httpStatus(code: ErrorCode, field: string): number | undefined {
  if (code === "precondition") return 409;
  if (code === "exhausted" && field !== "") return 413; // A value over its limit; without a field, too many requests.
  return undefined;
}

/** A status that an error itself has: of 4xx, or that something is not implemented. */
function ownStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === "number" && ((statusCode >= 400 && statusCode < 500) || statusCode === 501)
    ? statusCode
    : undefined;
}
