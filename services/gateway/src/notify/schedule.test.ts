import { expect, it } from "vitest";
import { DELAYS_MS, delayAfterAttempt, LONGEST_DELAY_MS } from "./schedule.js";

it("spans more than a day", () => {
  expect(DELAYS_MS.reduce((sum, one) => sum + one)).toBeGreaterThan(24 * 3600_000);
});

it.each<[failed: number, retryAfterMs: number, random: number, expected: number | undefined]>([
  [1, 0, 0.5, 5_000],
  [1, 0, 0, 4_500],
  [1, 0, 1, 5_500],
  [2, 0, 0.5, 300_000],
  [7, 0, 0.5, 36_000_000],
  [8, 0, 0.5, undefined],
  [8, 60_000, 0.5, undefined],
  [1, 60_000, 0.5, 60_000],
  [6, 60_000, 0.5, 36_000_000],
  [1, 1e12, 0.5, LONGEST_DELAY_MS],
])("after %i failures and Retry-After %i: %s -> %s ms", (failed, retryAfterMs, random, expected) => {
  expect(delayAfterAttempt(failed, retryAfterMs, random)).toBe(expected);
});
