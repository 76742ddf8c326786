import { type FailureInit, PolyreelError } from "@polyreel/platform";

/** A refusal with a status of HTTP that no error code stands for, such as 415. */
export class Refusal extends PolyreelError {
  constructor(
    readonly statusCode: number,
    failure: FailureInit,
    options?: ErrorOptions,
  ) {
    super("invalid", failure, options);
  }
}
