import { describe, expect, it } from "vitest";
import { delayAfter, retry, retryUnlessAborted, spread } from "./retry.js";

describe("delayAfter", () => {
  it.each([
    [1, { firstMs: 100 }, 100],
    [4, { firstMs: 100 }, 800],
    [4, { firstMs: 100, longestMs: 500 }, 500],
    [3, { firstMs: 100, growth: 4 }, 1600],
    [5000, { firstMs: 100, longestMs: 500 }, 500], // Beyond what a number can represent.
  ])("after %d failures by %o is %d ms", (failed, backOff, delayMs) => {
    expect(delayAfter(failed, backOff)).toBe(delayMs);
  });
});

describe("spread", () => {
  it.each([
    [0, 1, 50],
    [1, 1, 100],
    [0, 1.5, 50],
    [0.5, 1.5, 100],
    [1, 1.5, 150],
  ])("by %d, up to %d times, is %d ms of 100", (random, upTo, delayMs) => {
    expect(spread(100, random, upTo)).toBe(delayMs);
  });
});

describe("retry", () => {
  const failing = (failures: number) => {
    let tries = 0;
    return async () => {
      if (++tries <= failures) throw new Error(`try ${tries}`);
      return tries;
    };
  };

  it("retries until the work succeeds, and reports each failure", async () => {
    const failures: unknown[] = [];
    const tried = await retry(failing(2), (error, failed) => {
      failures.push([(error as Error).message, failed]);
      return 1;
    });
    expect(tried).toBe(3);
    expect(failures).toEqual([
      ["try 1", 1],
      ["try 2", 2],
    ]);
  });

  it("ends with the error thrown by onFailure", async () => {
    const giveUp = (error: unknown, failed: number) => {
      if (failed < 2) return 1;
      throw new Error("gave up", { cause: error });
    };
    await expect(retry(failing(5), giveUp)).rejects.toThrow("gave up");
  });

  it("ends when the signal aborts during a delay, without another attempt", async () => {
    const stop = new AbortController();
    let tries = 0;
    const work = async () => {
      tries++;
      throw new Error("failed");
    };
    const retrying = retry(work, () => 60_000, stop.signal);
    setImmediate(() => stop.abort(new Error("stopped")));
    await expect(retrying).rejects.toThrow();
    await expect(retry(work, () => 1, stop.signal)).rejects.toThrow("stopped");
    expect(tries).toBe(1);
    expect(await retryUnlessAborted(work, () => 1, stop.signal)).toBeUndefined();
  });

  it("ends with the error thrown by onFailure even if the signal never aborts", async () => {
    const giveUp = () => {
      throw new Error("gave up");
    };
    await expect(retryUnlessAborted(failing(1), giveUp, new AbortController().signal)).rejects.toThrow("gave up");
  });
});
