import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { launch } from "./launch.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-launch-"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a file; modules name themselves when they are run. `second`: when it was written. */
async function write(path: string, second: number): Promise<void> {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  const run = `globalThis.launched = ${JSON.stringify(path)};`;
  await writeFile(file, path.endsWith(".js") ? `export const run = async () => { ${run} };` : "");
  await utimes(file, second, second);
}

async function launched(): Promise<unknown> {
  const global = globalThis as { launched?: unknown };
  const run = async () => {
    global.launched = "dist";
  };
  await launch(pathToFileURL(join(folder, "dist/main.js")).href, async () => ({ run }));
  const { launched } = global;
  delete global.launched;
  return launched;
}

it.each([
  { of: "an image, which has no record of compilations", bundle: 10, runs: "bundle/main.js" },
  { of: "a clone that was built", compiled: 10, bundle: 20, runs: "bundle/main.js" },
  { of: "a clone that was compiled since", compiled: 20, bundle: 10, runs: "dist" },
  { of: "a clone that was only compiled", compiled: 10, runs: "dist" },
])("runs $runs of $of", async ({ compiled, bundle, runs }) => {
  if (compiled) await write("dist/.tsbuildinfo", compiled);
  if (bundle) await write("bundle/main.js", bundle);
  expect(await launched()).toBe(runs);
});
