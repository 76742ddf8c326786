import { PolyreelError } from "../errors.js";

/** After this many tries a failure that trying again could mend is told as final. */
export const MAX_TRIES = 5;
/** A message that was begun so often without being heard of again is not begun any more: its handler dies with it. */
export const MAX_LOST = 20;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

export type Outcome = { readonly kind: "retry"; readonly delayMs: number } | { readonly kind: "give-up" };

/**
 * What follows from a failure: the one place that decides it. Errors that can pass are tried again with doubling delay,
 * each spread over half to all of it (`random` from 0 to 1), so that what failed together does not come back together.
 * `tries` counts from 1, this one included.
 */
export function outcomeOf(error: PolyreelError, tries: number, random: number): Outcome {
  if (!error.retryable || tries >= MAX_TRIES) return { kind: "give-up" };
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
  return { kind: "retry", delayMs: Math.round(full * (0.5 + random / 2)) };
}

/** An error as it is told for good: how often it was tried is part of the reason, where it was more than once. */
export function afterTries(error: PolyreelError, tries: number): PolyreelError {
  if (tries < 2) return error;
  const reason = `${error.failure.reason.replace(/\.$/, "")}; tried ${tries} times.`;
  return new PolyreelError(error.code, { ...error.failure, reason }, { cause: error });
}
