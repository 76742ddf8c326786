import { InvalidArgumentError } from "commander";

/** Parses a whole number >= 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Give a whole number, 1 or more.");
}
