import { CombinationState } from "@polyreel/contract";
import { expect, it } from "vitest";
import { choiceOf, choiceText, readVideosFilter, requestOf, withChoiceToggled } from "./videos-filter.js";

it("keeps what it knows of an address, and leaves out the rest", () => {
  expect(readVideosFilter({})).toEqual({});
  expect(readVideosFilter({ state: "failed", order: "newest", choices: ["hook:a"], from: 120, other: 1 })).toEqual({
    state: "failed",
    order: "newest",
    choices: ["hook:a"],
    from: 120,
  });
  for (const nonsense of [
    { state: "toString", order: "number", choices: "hook:a", from: -1 },
    { state: 4, order: {}, choices: ["", "hook", "a:b:c", "%:x", 7], from: 1.5 },
    { state: null, choices: [[]], from: "1" },
  ])
    expect(readVideosFilter(nonsense)).toEqual({});
});

it("writes any choice so that it can be read again", () => {
  for (const choice of ["a", "a:b", "50 %", "ü, ß & ?", "", "日本"])
    expect(choiceOf(choiceText({ block: "hook", choice }))).toEqual({ block: "hook", choice });
});

it("adds a choice, takes it away again, and goes back to the start", () => {
  const one = withChoiceToggled({ state: "failed", from: 60 }, { block: "hook", choice: "a" });
  expect(one).toEqual({ state: "failed", choices: ["hook:a"] });
  expect(withChoiceToggled(one, { block: "hook", choice: "a" })).toEqual({ state: "failed" });
});

it("asks for what it shows", () => {
  expect(requestOf({})).toEqual({ orderBy: "ordinal", choices: [] });
  expect(requestOf({ state: "failed", order: "largest", choices: ["hook:a", "body:b"] })).toEqual({
    orderBy: "size desc",
    state: CombinationState.FAILED,
    choices: [
      { block: "hook", choice: "a" },
      { block: "body", choice: "b" },
    ],
  });
});
