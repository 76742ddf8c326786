import { describe, expect, it } from "vitest";
import { type ErrorCode, PolyreelError } from "../errors.js";
import { afterTries, outcomeOf } from "./outcome.js";

describe("outcomeOf", () => {
  it.each<[ErrorCode, number, number, unknown]>([
    ["invalid", 1, 0, { kind: "give-up" }],
    ["not_found", 1, 0, { kind: "give-up" }],
    ["unavailable", 1, 0, { kind: "retry", delayMs: 250 }],
    ["unavailable", 1, 1, { kind: "retry", delayMs: 500 }],
    ["unavailable", 4, 1, { kind: "retry", delayMs: 4000 }],
    ["internal", 2, 0.5, { kind: "retry", delayMs: 750 }],
    ["unavailable", 5, 0, { kind: "give-up" }],
  ])("%s at try %i (random %d) gives %o", (code, tries, random, expected) => {
    expect(outcomeOf(new PolyreelError(code, "x"), tries, random)).toEqual(expected);
  });
});

it("tells how often something was tried that failed for good", () => {
  const error = new PolyreelError("unavailable", { block: "hook", reason: "The store is away.", remedy: "Wait." });
  expect(afterTries(error, 1)).toBe(error);
  expect(afterTries(error, 5).failure).toMatchObject({
    block: "hook",
    reason: "The store is away; tried 5 times.",
    remedy: "Wait.",
  });
});
