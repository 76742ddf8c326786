import { PolyreelError, sourceError } from "@polyreel/platform";
import { connectionFault } from "@polyreel/platform/web";
import { TryAgain } from "./try-again.js";

const REACH = "Check that the address is right and its server is running.";

/**
 * Converts an error of a connection: to TryAgain if retryable, else to PolyreelError `invalid`. These two are returned
 * unchanged.
 */
export function networkFault(error: unknown, shown: string): PolyreelError | TryAgain {
  if (error instanceof PolyreelError || error instanceof TryAgain) return error;
  const { what, remedy } = connectionFault(error);
  if (remedy !== undefined) return sourceError({ reason: `${shown}: ${what}.`, remedy }, { cause: error });
  return new TryAgain(`${shown}: ${what}.`, REACH, undefined, { cause: error });
}
