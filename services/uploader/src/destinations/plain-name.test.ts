import { expect, it } from "vitest";
import { plainName } from "./plain-name.js";

it.each(["friday_bugs.mp4", "żółć 日本語 👋.mp4", "a", "x".repeat(255), "-dash.mp4", "a..b"])("accepts %j", (name) => {
  expect(plainName(name)).toBe(name);
});

it.each(["", ".", "..", ".hidden", "a/b", "/a", "a\\b", "a\0b", "a\nb", "\ud800", "x".repeat(256), "é".repeat(128)])(
  "refuses %j",
  (name) => {
    expect(() => plainName(name)).toThrow(expect.objectContaining({ code: "invalid" }));
  },
);
