import { describe, expect, it } from "vitest";
import { combinationOrderOf } from "./combination-order-by.js";

describe("order_by of combinations", () => {
  it.each([
    ["", undefined, "ordinal", "asc"],
    ["ordinal desc", undefined, "ordinal", "desc"],
    ["size", undefined, "size", "asc"],
    [" state  desc ,ended_at desc ", "desc", "ended_at", "desc"],
    ["state", "asc", "ordinal", "asc"],
    ["state desc, ordinal", "desc", "ordinal", "asc"],
    ["duration desc, ordinal desc", undefined, "duration", "desc"],
    ["ordinal, size desc", undefined, "ordinal", "asc"], // Ordinals are unique.
  ])("%j", (text, state, key, direction) => {
    expect(combinationOrderOf(text)).toEqual({ state, key, direction });
  });

  it.each([
    ["weight", 'Cannot sort by "weight".', "Fields are state, ordinal, ended_at, duration, size."],
    ["sise", 'Cannot sort by "sise".', 'Did you mean "size"? Fields are state, ordinal'],
    ["size,", "A field is missing.", "Fields are state, "],
    ["size down", '"size down" is no field with a direction.', 'Say "size" or "size desc".'],
    ["size, size desc", '"size" is named twice.', "Name each field once."],
    ["size, state", '"state" can\'t follow size', '"state, size desc"'],
    ["state, size, duration", '"duration" can\'t follow size: no index', "Sort by the state, one other field"],
    ["duration desc, ordinal", "Ordinals go in the same direction as duration.", 'Say "duration desc" alone'],
  ])("refuses %j", (text, reason, remedy) => {
    let failure: unknown;
    try {
      combinationOrderOf(text);
    } catch (error) {
      ({ failure } = error as { failure: unknown });
    }
    expect(failure).toMatchObject({
      field: "order_by",
      reason: expect.stringContaining(reason),
      remedy: expect.stringContaining(remedy),
    });
  });
});
