import type { Origin } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";

/** For `catch`: the same error with the source's name, block and choice where it is a fault of the source. */
export const namingSource =
  (origin: Origin | undefined) =>
  (error: unknown): never => {
    if (!(error instanceof PolyreelError) || error.code !== "invalid" || !origin) throw error;
    const { reason, remedy } = error.failure;
    const named = origin.sourceName ? `"${origin.sourceName}": ${reason}` : reason;
    throw new PolyreelError(
      "invalid",
      { block: origin.block, choice: origin.choice, reason: named, remedy },
      { cause: error },
    );
  };
