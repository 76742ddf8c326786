import { spawnSync } from "node:child_process";
import { rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markOf, processMark } from "@polyreel/platform/process-mark.js";
import { expect, it } from "vitest";
import { RowSpool } from "./spool.js";

it("removes what a process left that was killed as it opened one, and nothing of those that live", async () => {
  const dead = spawnSync("true").pid;
  const left = join(tmpdir(), `polyreel-manifest-${markOf(dead, "01234567")}-a`);
  const ours = join(tmpdir(), `polyreel-manifest-${processMark}-b`);
  for (const path of [left, ours]) await writeFile(path, "");
  try {
    await RowSpool.removeLeft();
    await expect(stat(left)).rejects.toThrow("ENOENT");
    await stat(ours);
  } finally {
    await rm(ours);
  }
});
