import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Failure, FailureCode, FailureSchema } from "@polyreel/contract";

/**
 * Whose fault an error is, and with it what follows:
 * - `invalid`: the request or its media; trying again gives the same. The combination fails.
 * - `not_found`: what was asked for does not exist.
 * - `denied`: the caller may not do it.
 * - `precondition`: something here is not as it must be (a program, a state); trying again gives the same.
 * - `out_of_range`: what was asked for lies beyond the end of what exists.
 * - `conflict`: something else is there already.
 * - `exhausted`: a limit is reached; later it may work.
 * - `unavailable`: something outside (store, broker, engine, network) is away; tried again with growing delay.
 * - `cancelled`: somebody no longer wants it.
 * - `internal`: our own mistake. Tried again a few times, then told.
 *
 * Apart from the code, `outage` tells what comes back by itself: it is waited for, for minutes, not counted in tries.
 */
export type ErrorCode =
  | "invalid"
  | "not_found"
  | "denied"
  | "precondition"
  | "out_of_range"
  | "conflict"
  | "exhausted"
  | "unavailable"
  | "cancelled"
  | "internal";

const RETRIED: ReadonlySet<ErrorCode> = new Set(["exhausted", "unavailable", "internal"]);

/** What each code is called on the wire, unless the failure names a finer one. */
const FAILURE_CODES: Record<ErrorCode, FailureCode> = {
  invalid: FailureCode.INVALID_ARGUMENT,
  not_found: FailureCode.NOT_FOUND,
  denied: FailureCode.PERMISSION_DENIED,
  precondition: FailureCode.FAILED_PRECONDITION,
  out_of_range: FailureCode.OUT_OF_RANGE,
  conflict: FailureCode.ALREADY_EXISTS,
  exhausted: FailureCode.RESOURCE_EXHAUSTED,
  unavailable: FailureCode.UNAVAILABLE,
  cancelled: FailureCode.CANCELLED,
  internal: FailureCode.INTERNAL,
};

/**
 * What people are told: `reason` is required; block, choice and field where they are known. A failure that comes from elsewhere
 * keeps its `code`: what is final here, and so `invalid`, may have been away there.
 */
export type FailureInit = MessageInitShape<typeof FailureSchema> & { reason: string };

export interface PolyreelErrorOptions extends ErrorOptions {
  /**
   * Whether something outside is away that comes back by itself: a disk, a network, a server. True for `unavailable` unless
   * stated otherwise: a program that is not installed does not come back within minutes.
   */
  readonly outage?: boolean;
}

/** The one error class. `failure` is public; `cause` is for the log only. */
export class PolyreelError extends Error {
  override readonly name = "PolyreelError";
  readonly failure: Failure;
  readonly outage: boolean;

  constructor(
    readonly code: ErrorCode,
    failure: FailureInit | string,
    options?: PolyreelErrorOptions,
  ) {
    const init = typeof failure === "string" ? { reason: failure } : failure;
    super(init.reason, options);
    this.failure = create(FailureSchema, { ...init, code: init.code ?? FAILURE_CODES[code] });
    this.outage = options?.outage ?? code === "unavailable";
  }

  /** Whether trying again can help. */
  get retryable(): boolean {
    return RETRIED.has(this.code);
  }

  /** The same error with what is known of its place added; what it already names stays. */
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
      { cause: this.cause ?? this, outage: this.outage },
    );
  }
}

/** An `invalid` that is the fault of a source: damaged, not media, without what is asked of it, or not given for good. */
export const sourceError = (failure: FailureInit, options?: PolyreelErrorOptions): PolyreelError =>
  new PolyreelError("invalid", { ...failure, code: FailureCode.SOURCE_INVALID }, options);

/** The code of a failure that another service answered with, as errors here have it; `invalid` where none says more. */
export const errorCodeOf = (failure: Failure): ErrorCode =>
  (Object.keys(FAILURE_CODES) as ErrorCode[]).find((code) => FAILURE_CODES[code] === failure.code) ?? "invalid";

/** Any thrown value as a PolyreelError; what is not one becomes `internal`, its text kept for the log only. */
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
