import { describe, expect, it } from "vitest";
import { delayBefore } from "./try-again.js";

const LIMITS = { retryDelayMs: 1000, maxRetryAfterMs: 60_000 };

describe("delayBefore", () => {
  it.each<[number, number | undefined, number, number]>([
    [1, undefined, 0, 500],
    [1, undefined, 1, 1500],
    [2, undefined, 0.5, 4000],
    [3, undefined, 0.5, 16_000],
    [1, 7000, 0.5, 7000],
    [2, 7, 0.5, 4000],
    [1, 3_600_000, 0.5, 60_000],
  ])("after %d attempts, Retry-After %s ms, random %d: %d ms", (tried, afterMs, random, expected) => {
    expect(delayBefore(tried, afterMs === undefined ? {} : { afterMs }, LIMITS, random)).toBe(expected);
  });
});
