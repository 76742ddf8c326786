import { expect, it } from "vitest";
import { visible } from "./visible.js";

it.each([
  ["plain words, grüße, عربى 👩‍👧\n\tand lines\r\n", "plain words, grüße, عربى 👩‍👧\n\tand lines\r\n"],
  ["\x1b]0;title\x07", "\\u001b]0;title\\u0007"],
  ["\x1b[2J\x1b[H", "\\u001b[2J\\u001b[H"],
  ["\x9b2J", "\\u009b2J"],
  ["\rStopping\n", "\rStopping\n"],
  ["all is well\rfailed     ", "all is well\\u000dfailed     "],
  ["a\u202e4pm.exe", "a\\u202e4pm.exe"],
  ["\x1b[8mhidden\x1b[0m", "\\u001b[8mhidden\\u001b[0m"],
])("shows %j", (text, shown) => {
  expect(visible(text, { colours: false })).toBe(shown);
});

it("keeps our own colours, and nothing else that begins like them", () => {
  expect(visible("\x1b[1mbold\x1b[22m\x1b[1A\x1bc", { colours: true })).toBe("\x1b[1mbold\x1b[22m\\u001b[1A\\u001bc");
});

it("keeps JSON equivalent", () => {
  const label = "\x00\x1b[2J\x7f\x9b\u202e\u2066\r\n";
  const shown = visible(JSON.stringify({ label }), { colours: false });
  expect(shown).not.toContain("\u202e");
  expect(JSON.parse(shown)).toEqual({ label });
});
