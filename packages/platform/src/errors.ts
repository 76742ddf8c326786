import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Failure, FailureCode, FailureSchema } from "@polyreel/contract";

/**
 * Whose fault an error is, and so its handling:
 * - `invalid`: the request or its media; permanent. The combination fails.
 * - `not_found`: the requested object does not exist.
 * - `denied`: the caller may not do it.
 * - `unauthenticated`: it is unknown who the caller is.
 * - `precondition`: something in this installation is not as required (a program, a state); permanent.
 * - `out_of_range`: the request is beyond the end of what exists.
 * - `conflict`: something else exists already.
 * - `exhausted`: a limit is reached; may work later.
 * - `unavailable`: a dependency (store, broker, engine, network) is unavailable; retried with increasing delay.
 * - `cancelled`: no longer wanted.
 * - `internal`: a bug of ours. Retried a few times, then reported.
 *
 * Independently of the code, `outage` marks what recovers by itself: retried for minutes, without counting attempts.
 */
export type ErrorCode =
  | "invalid"
  | "not_found"
  | "denied"
  | "unauthenticated"
  | "precondition"
  | "out_of_range"
  | "conflict"
  | "exhausted"
  | "unavailable"
  | "cancelled"
  | "internal";

const RETRIED: ReadonlySet<ErrorCode> = new Set(["exhausted", "unavailable", "internal"]);

/** The wire code of each, unless the failure has a more specific one. */
const FAILURE_CODES: Record<ErrorCode, FailureCode> = {
  invalid: FailureCode.INVALID_ARGUMENT,
  not_found: FailureCode.NOT_FOUND,
  denied: FailureCode.PERMISSION_DENIED,
  unauthenticated: FailureCode.UNAUTHENTICATED,
  precondition: FailureCode.FAILED_PRECONDITION,
  out_of_range: FailureCode.OUT_OF_RANGE,
  conflict: FailureCode.ALREADY_EXISTS,
  exhausted: FailureCode.RESOURCE_EXHAUSTED,
  unavailable: FailureCode.UNAVAILABLE,
  cancelled: FailureCode.CANCELLED,
  internal: FailureCode.INTERNAL,
};

/**
 * A failure for users: `reason` is required; block, choice and field if known. A failure from elsewhere keeps its
 * `code`: what is final here, and so `invalid`, may have been unavailable there.
 */
export type FailureInit = MessageInitShape<typeof FailureSchema> & { reason: string };

export interface PolyreelErrorOptions extends ErrorOptions {
  /**
   * Whether a dependency is unavailable that recovers by itself: a disk, a network, a server. True for `unavailable` by
   * default; a program that is not installed, for example, does not recover within minutes.
   */
  readonly outage?: boolean;
  /** Of `exhausted`: after this time the same request may succeed. Unset: unknown. */
  readonly retryAfterMs?: number | undefined;
}

/** The only error class. `failure` is public; `cause` is for the log only. */
export class PolyreelError extends Error {
  override readonly name = "PolyreelError";
  readonly failure: Failure;
  readonly outage: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    failure: FailureInit | string,
    options?: PolyreelErrorOptions,
  ) {
    const init = typeof failure === "string" ? { reason: failure } : failure;
    super(init.reason, options);
    this.failure = create(FailureSchema, { ...init, code: init.code ?? FAILURE_CODES[code] });
    this.outage = options?.outage ?? code === "unavailable";
    this.retryAfterMs = options?.retryAfterMs;
  }

  /** Whether a retry can help. */
  get retryable(): boolean {
    return RETRIED.has(this.code);
  }

  /** The same error with a place added; fields that are set already are kept. */
  at(place: { block?: string; choice?: string; field?: string }): PolyreelError {
    const { block, choice, field, reason, remedy, code } = this.failure;
    return new PolyreelError(
      this.code,
      {
        block: block || (place.block ?? ""),
        choice: choice || (place.choice ?? ""),
        field: field || (place.field ?? ""),
        reason,
        remedy,
        code,
      },
      { cause: this.cause ?? this, outage: this.outage, retryAfterMs: this.retryAfterMs },
    );
  }
}

/** An `invalid` that is the fault of a source: damaged, not media, lacking what is needed, or permanently unavailable. */
export const sourceError = (failure: FailureInit, options?: PolyreelErrorOptions): PolyreelError =>
  new PolyreelError("invalid", { ...failure, code: FailureCode.SOURCE_INVALID }, options);

/** The error code of a failure in another service's answer; `invalid` if it has none. */
export const errorCodeOf = (failure: Failure): ErrorCode =>
  (Object.keys(FAILURE_CODES) as ErrorCode[]).find((code) => FAILURE_CODES[code] === failure.code) ?? "invalid";

/** Converts any thrown value; an unknown one becomes `internal`, with its text for the log only. */
export function toPolyreelError(error: unknown): PolyreelError {
  if (error instanceof PolyreelError) return error;
  if (error instanceof Error && error.name === "AbortError") {
    return new PolyreelError("cancelled", "It was cancelled.", { cause: error });
  }
  return new PolyreelError(
    "internal",
    { reason: "Something went wrong inside Polyreel.", remedy: "Look in the service's log for this trace." },
    { cause: error },
  );
}
