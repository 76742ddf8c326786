import { expect, it } from "vitest";
import { skippedByReason } from "./skip-reasons.mjs";

const skipped = (fullName, { skipReason, note } = {}) => ({
  fullName,
  meta: () => ({ skipReason }),
  result: () => ({ state: "skipped", note }),
});

it("lists skipped tests by the reason that they state, and those without one", () => {
  const tests = [
    skipped("plays", { skipReason: "needs Chromium" }),
    skipped("seeks", { note: "needs Chromium" }),
    skipped("mounts", { note: "this user may not mount" }),
    skipped("is forgotten"),
  ];
  const children = { allTests: (state) => (state === "skipped" ? tests : []) };
  expect(skippedByReason([{ relativeModuleId: "a.test.ts", children }])).toEqual({
    reasons: new Map([
      ["needs Chromium", ["a.test.ts > plays", "a.test.ts > seeks"]],
      ["this user may not mount", ["a.test.ts > mounts"]],
    ]),
    without: ["a.test.ts > is forgotten"],
  });
});
