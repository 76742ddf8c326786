import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { isOwnerGone, markOf, processMark } from "./process-mark.js";

const ended = spawnSync(process.execPath, ["-e", ""]).pid;
const otherMachine = markOf(ended, "00000000").replace(/^./, (digit) => (digit === "0" ? "1" : "0"));

it.each([
  ["this process", `${processMark}-a`, false],
  ["its parent", `${markOf(process.ppid, "00000000")}-a`, false],
  ["a process that has ended", `${markOf(ended, "00000000")}-a`, true],
  ["one before this with the same id", markOf(process.pid, "00000000"), true],
  ["another machine", `${otherMachine}-a`, false],
  ["nobody known", "b7b3a2cd-5c9f-48db-a32a-22f2b89c66cb", false],
])("knows whether the owner is gone: %s", (_owner, name, gone) => {
  expect(isOwnerGone(name)).toBe(gone);
});
