import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { markOf } from "../process/process-mark.js";
import { canSeparatePids, OTHER_PIDS } from "../process/testing/pid-namespace.js";
import { ScriptProcess } from "../process/testing/script-process.js";
import { removeLeftFolders } from "./left-folders.js";
import { makeOwnFolder } from "./own-folder.js";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "polyreel-left-"));
});
afterEach(() => rm(parent, { recursive: true }));

/** Creates its own folder, prints its path, and keeps running; sweeps when a line is written to it, and prints "swept". */
const owning = () => `
  import { makeOwnFolder } from "@polyreel/platform/files";
  import { removeLeftFolders } from "@polyreel/platform/files";
  const parent = ${JSON.stringify(parent)};
  const { path } = await makeOwnFolder(parent, "work-");
  console.log(path);
  process.stdin.on("data", async () => {
    await removeLeftFolders(parent, "work-");
    console.log("swept");
  });
`;
const start = async (options = {}) => {
  const owner = ScriptProcess.start(owning(), options);
  return { owner, path: (await owner.line()) ?? "" };
};
const there = async () => (await readdir(parent)).map((name) => join(parent, name)).sort();

it("removes folders of dead processes, and ends programs that still use them", async () => {
  const dead = await start();
  const alive = await start();
  const ours = await makeOwnFolder(parent, "work-");
  await dead.owner.kill();
  const working = [dead.path, alive.path].map((folder) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", join(folder, "job", "clip.mp4")]);
    return { child, ended: once(child, "exit") };
  });
  try {
    await removeLeftFolders(parent, "work-");
    expect(await there()).toEqual([alive.path, ours.path].sort());
    expect(await working[0]?.ended).toEqual([null, "SIGKILL"]);
    expect(working[1]?.child.exitCode ?? working[1]?.child.signalCode).toBeNull();
  } finally {
    for (const { child } of working) child.kill();
    await alive.owner.kill();
    await ours.close();
  }
});

it("keeps those of living processes of another pid namespace, and removes those of dead ones", async (context) => {
  if (!canSeparatePids()) return context.skip("unshare --pid is not allowed here");
  const inner = await start({ under: OTHER_PIDS });
  const other = await start({ under: OTHER_PIDS });
  const ours = await makeOwnFolder(parent, "work-");
  await removeLeftFolders(parent, "work-");
  inner.owner.child.stdin?.write("sweep\n");
  expect(await inner.owner.line()).toBe("swept");
  expect(await there()).toEqual([inner.path, other.path, ours.path].sort());
  await other.owner.kill();
  await expect
    .poll(async () => {
      await removeLeftFolders(parent, "work-");
      return there();
    })
    .toEqual([inner.path, ours.path].sort());
  await inner.owner.kill();
  await ours.close();
});

it("judges those of another machine, and those without lock support, by age alone", async () => {
  const names = ["11111111", "00000000"].map((kernel) => `work-${markOf({ kernel, token: "22222222" })}-a`);
  for (const name of names) await mkdir(join(parent, name, "job"), { recursive: true });
  await removeLeftFolders(parent, "work-");
  expect((await readdir(parent)).sort()).toEqual([...names].sort());
  const dayAgo = Date.now() / 1000 - 25 * 3600;
  for (const name of names) {
    for (const path of [join(parent, name, "job"), join(parent, name)]) await utimes(path, dayAgo, dayAgo);
  }
  await writeFile(join(parent, names[0] ?? "", "job", "young"), ""); // In use.
  await removeLeftFolders(parent, "work-");
  expect(await readdir(parent)).toEqual([names[0]]);
});

it("removes one that is created while others sweep only after its owner has ended", { timeout: 60_000 }, async () => {
  let sweeping = true;
  const sweeper = async () => {
    // As another process: none of its marks are ours.
    await using other = await start().then(({ owner }) => owner);
    while (sweeping) {
      other.child.stdin?.write("sweep\n");
      await other.line();
    }
  };
  const swept = sweeper();
  for (let i = 0; i < 20; i++) {
    const { path, close } = await makeOwnFolder(parent, "work-");
    await mkdir(join(path, "job"));
    await writeFile(join(path, "job", "file"), "");
    await close();
  }
  sweeping = false;
  await swept;
});
