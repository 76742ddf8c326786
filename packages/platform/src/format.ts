import { PolyreelError } from "./errors.js";

/**
 * Version of the data in the stream and in the store. It is raised by a release whose data the previous one would
 * misinterpret; new fields, facts and keys are no reason. 1 if not stated.
 */
export const FORMAT = 1;

/**
 * Throws PolyreelError `precondition` for data of a later release. `what`: the stream or the store, in the words of
 * users.
 */
export function assertKnownFormat(format: number, what: string, instead: string): void {
  if (format <= FORMAT) return;
  throw new PolyreelError("precondition", {
    reason: `${what} has format ${format}, of a later release of Polyreel; this one reads up to ${FORMAT}.`,
    remedy: `Run the release that wrote it, or a later one; or ${instead}.`,
  });
}
