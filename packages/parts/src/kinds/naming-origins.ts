import type { Origin } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/** For `catch`: the same error with block and choice, and with the source's name if the source is at fault. */
export const namingSource =
  (origin: Origin | undefined) =>
  (error: unknown): never => {
    if (!(error instanceof PolyreelError) || error.code === "cancelled" || !origin) throw error;
    const { field, reason, remedy, code } = error.failure;
    if (field === "background") throw error.at({ block: "canvas" }); // The source is not at fault.
    if (error.code !== "invalid") throw error.at({ block: origin.block, choice: origin.choice });
    const named = origin.sourceName ? `"${origin.sourceName}": ${reason}` : reason;
    throw new PolyreelError(
      "invalid",
      { block: origin.block, choice: origin.choice, reason: named, remedy, code },
      { cause: error },
    );
  };

/** For `catch`: the same error with block and choice of the text that its field names. */
export const namingText =
  (origins: readonly Origin[]) =>
  (error: unknown): never => {
    if (!(error instanceof PolyreelError)) throw error;
    const origin = origins[Number(/^texts\[(\d+)\]$/.exec(error.failure.field)?.[1])];
    if (!origin) throw error;
    const { reason, remedy, code } = error.failure;
    throw new PolyreelError(
      error.code,
      { block: origin.block, choice: origin.choice, reason, remedy, code },
      { cause: error, outage: error.outage },
    );
  };
