import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { canSeparatePids, OTHER_PIDS } from "../process/testing/pid-namespace.js";
import { ScriptProcess } from "../process/testing/script-process.js";
import { lockFolder } from "./lock-folder.js";

const taken = (owner: number) => new Error(`taken by ${owner}`);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Locks the folder, prints "held" or "taken", and keeps running until it is killed. */
const locking = () => `
  import { lockFolder } from "@polyreel/platform/files";
  const taken = () => new Error("taken");
  await lockFolder(${JSON.stringify(folder)}, taken).then(() => console.log("held"), (error) => console.log(error.message));
  setInterval(() => {}, 1000);
`;

it("keeps a folder until it is released", async () => {
  const release = await lockFolder(folder, taken);
  await expect(lockFolder(folder, taken)).rejects.toThrow(`taken by ${process.pid}`);
  await release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockFolder(folder, taken))();
});

it("ignores process ids: a file written by a dead process is no lock", async () => {
  await writeFile(join(folder, "lock"), String(process.ppid)); // Alive, but not the owner.
  await (await lockFolder(folder, taken))();
});

it("is not inherited by programs that its holder starts", async () => {
  const release = await lockFolder(folder, taken);
  const { stdout } = spawnSync("sh", ["-c", `ls -l /proc/$$/fd; flock -n ${folder}/lock true; echo "code $?"`]);
  expect(stdout.toString()).not.toContain(folder);
  expect(stdout.toString()).toContain("code 1");
  await release();
});

it("has a single holder of four waiting processes after its holder was killed", async () => {
  for (let round = 0; round < 10; round++) {
    const holder = ScriptProcess.start(locking());
    expect(await holder.line()).toBe("held");
    const others = Array.from({ length: 4 }, () => ScriptProcess.start(locking()));
    await holder.kill();
    const answers = await Promise.all(others.map((other) => other.line()));
    for (const other of others) await other.kill();
    expect(answers.sort()).toEqual(["held", "taken", "taken", "taken"]);
  }
});

it("is held against processes of another pid namespace", async (context) => {
  if (!canSeparatePids()) return context.skip("unshare --pid is not allowed here");
  const release = await lockFolder(folder, taken);
  await using other = ScriptProcess.start(locking(), { under: OTHER_PIDS });
  expect(await other.line()).toBe("taken");
  await release();
  await using later = ScriptProcess.start(locking(), { under: OTHER_PIDS });
  expect(await later.line()).toBe("held");
  await expect(lockFolder(folder, taken)).rejects.toThrow("taken by");
});

it("reports what is missing if locking is unsupported", async () => {
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    await expect(lockFolder(folder, taken)).rejects.toMatchObject({
      code: "precondition",
      failure: { reason: expect.stringContaining("flock"), remedy: expect.stringContaining("util-linux") },
    });
  } finally {
    process.env.PATH = PATH;
  }
});
