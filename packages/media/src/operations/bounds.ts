import { PolyreelError } from "@polyreel/platform/errors.js";

/** A setting that is a whole number within bounds, both included. Throws PolyreelError `invalid` with the field. */
export function wholeWithin(field: string, value: number, [least, most]: readonly [number, number]): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new PolyreelError("invalid", {
    field,
    reason: `\`${field}\` must be a whole number from ${least} to ${most}, not ${value}.`,
  });
}
