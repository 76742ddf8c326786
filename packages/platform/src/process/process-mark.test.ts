import { expect, it } from "vitest";
import { markOf, ownerOf, processMark } from "./process-mark.js";

it.each([
  ["this process", `${processMark}-a`, "ours"],
  ["another process of this kernel, with any id", `${markOf({ token: "00000000" })}-a`, "lockable"],
  ["a process of another kernel", `${markOf({ kernel: "00000000", token: "00000000" })}-a`, "elsewhere"],
  ["no process", "a", undefined],
  ["no process, although it begins like a mark", `${processMark}a`, undefined],
])("knows the mark of %s", (_, name, owner) => {
  expect(ownerOf(name)).toBe(owner);
});
