import { type ErrorCode, PolyreelError } from "@polyreel/platform";
import { describe, expect, it } from "vitest";
import { afterTries, outcomeOf } from "./outcome.js";

const GIVE_UP = { kind: "give-up" };
const retry = (delayMs: number) => ({ kind: "retry", delayMs });

describe("outcomeOf", () => {
  it.each<[ErrorCode, { outage?: boolean; failed: number; waitedMs?: number; random: number }, unknown]>([
    // The input's fault: never retried.
    ["invalid", { failed: 1, random: 0 }, GIVE_UP],
    ["not_found", { failed: 1, random: 0 }, GIVE_UP],
    ["conflict", { failed: 1, random: 0 }, GIVE_UP],
    // A bug of ours: a few attempts.
    ["internal", { failed: 2, random: 0.5 }, retry(750)],
    ["internal", { failed: 5, random: 0 }, GIVE_UP],
    ["exhausted", { failed: 5, random: 0 }, GIVE_UP],
    ["unavailable", { outage: false, failed: 5, random: 0 }, GIVE_UP],
    // An outage: retried for a time, however many attempts that takes.
    ["unavailable", { failed: 1, random: 0 }, retry(250)],
    ["unavailable", { failed: 1, random: 1 }, retry(500)],
    ["unavailable", { failed: 4, random: 1 }, retry(4000)],
    ["unavailable", { failed: 5, waitedMs: 8_000, random: 1 }, retry(8000)],
    ["unavailable", { failed: 30, waitedMs: 300_000, random: 1 }, retry(30_000)],
    ["exhausted", { outage: true, failed: 30, waitedMs: 300_000, random: 0 }, retry(15_000)],
    ["unavailable", { failed: 40, waitedMs: 590_000, random: 1 }, retry(10_000)],
    ["unavailable", { failed: 41, waitedMs: 600_000, random: 1 }, GIVE_UP],
  ])("%s after %o gives %o", (code, { outage, failed, waitedMs = 0, random }, expected) => {
    const error = new PolyreelError(code, "x", outage === undefined ? {} : { outage });
    expect(outcomeOf(error, { failed, waitedMs }, { outageWaitMs: 600_000 }, random)).toEqual(expected);
  });

  it("never gives up on an untilDone task", () => {
    const attempts = { failed: 1_000, waitedMs: 86_400_000 };
    const policy = { outageWaitMs: 600_000, untilDone: true };
    expect(outcomeOf(new PolyreelError("conflict", "x"), attempts, policy, 1)).toEqual(retry(30_000));
  });
});

it("appends the number of attempts to a final failure, and the duration of an outage", () => {
  const away = new PolyreelError("unavailable", {
    block: "hook",
    reason: "The store is not mounted.",
    remedy: "Wait.",
  });
  expect(afterTries(away, { failed: 1, waitedMs: 0 })).toBe(away);
  expect(afterTries(away, { failed: 26, waitedMs: 600_000 }).failure).toMatchObject({
    block: "hook",
    reason: "The store is not mounted; tried 26 times in 10 min.",
    remedy: "Wait.",
  });
  const ours = new PolyreelError("internal", "It broke.");
  expect(afterTries(ours, { failed: 5, waitedMs: 9_000 }).failure.reason).toBe("It broke; tried 5 times.");
});
