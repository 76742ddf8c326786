import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-interrupt-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Processes with this folder in their environment: services, the broker, their children. */
async function processesAt(path: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")), // It has ended, or belongs to another user.
  );
  return pids.filter((_, i) => environments[i]?.includes(path));
}

it("leaves no file and no process behind when it is interrupted", async () => {
  const args = [MAIN, "--quick", "--only", "growthCurve"];
  const bench = spawn(process.execPath, args, { env: { ...process.env, TMPDIR: folder }, stdio: "ignore" });
  const ended = once(bench, "exit");
  // The services are running once the renderer has its work folder.
  await expect
    .poll(() => readdir(folder, { recursive: true }), { timeout: 60_000 })
    .toContainEqual(expect.stringMatching(/renderer/));
  expect((await processesAt(folder)).length).toBeGreaterThan(5);
  bench.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(await readdir(folder)).toEqual([]);
  expect(await processesAt(folder)).toEqual([]);
});
