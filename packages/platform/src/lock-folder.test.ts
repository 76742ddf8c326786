import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockFolder } from "./lock-folder.js";
import { markOf, processMark } from "./process-mark.js";

const taken = (owner: number) => new Error(`taken by ${owner}`);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("keeps a folder until it lets go", async () => {
  const release = await lockFolder(folder, taken);
  await expect(lockFolder(folder, taken)).rejects.toThrow(`taken by ${process.pid}`);
  await release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockFolder(folder, taken))();
});

it.each([
  ["a process that is gone", markOf(2 ** 22 + 1, "00000000")],
  ["a process that had this one's id", markOf(process.pid, "00000000")],
])("takes over from %s", async (_, owner) => {
  await writeFile(join(folder, "owner"), owner);
  await (await lockFolder(folder, taken))();
});

it.each([
  ["one that is alive", markOf(1, "00000000"), 1],
  ["one of another machine", processMark.replace(/^.{8}/, "00000000"), process.pid],
])("leaves it to %s", async (_, owner, pid) => {
  await writeFile(join(folder, "owner"), owner);
  await expect(lockFolder(folder, taken)).rejects.toThrow(`taken by ${pid}`);
});
