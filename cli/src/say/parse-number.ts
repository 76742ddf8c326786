import { InvalidArgumentError } from "commander";

/** Parses a number, which may be negative or a fraction. */
export function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw new InvalidArgumentError("Give a number, such as 1.5.");
  return number;
}
