import { PolyreelError } from "./errors.js";

/**
 * Version of what lies in the stream and in the store. It is raised by a release that writes there what the one before would
 * take for something else; new fields, facts and keys are no reason. Where none is stated, it is 1.
 */
export const FORMAT = 1;

/** Throws PolyreelError `precondition` for what a later release wrote. `what`: the stream or the store, as people know it. */
export function assertKnownFormat(format: number, what: string, instead: string): void {
  if (format <= FORMAT) return;
  throw new PolyreelError("precondition", {
    reason: `${what} has format ${format}, of a later release of Polyreel; this one reads up to ${FORMAT}.`,
    remedy: `Run the release that wrote it, or a later one; or ${instead}.`,
  });
}
