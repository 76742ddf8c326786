import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeLeftFolders } from "./left-folders.js";
import { markOf, processMark } from "./process-mark.js";

it("removes folders of processes that have died, and ends what still works in them", async () => {
  const parent = await mkdtemp(join(tmpdir(), "polyreel-left-"));
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  const left = join(parent, `work-${markOf(dead, "00000000")}-a`);
  const ours = join(parent, `work-${processMark}-a`);
  for (const folder of [left, ours]) await mkdir(join(folder, "job"), { recursive: true });
  const working = [left, ours].map((folder) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", join(folder, "job", "clip.mp4")]);
    return { child, ended: once(child, "exit") };
  });
  try {
    await removeLeftFolders(parent, "work-");
    expect(await readdir(parent)).toEqual([`work-${processMark}-a`]);
    expect(await working[0]?.ended).toEqual([null, "SIGKILL"]);
    expect(working[1]?.child.exitCode ?? working[1]?.child.signalCode).toBeNull();
  } finally {
    for (const { child } of working) child.kill();
    await rm(parent, { recursive: true });
  }
});
