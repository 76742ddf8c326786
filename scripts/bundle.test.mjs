import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";

const run = promisify(execFile);

/** A package that has the command's program, and stands for its compiled files. */
let folder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-bundle-"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await cp("cli/bin", join(folder, "bin"), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a file that prints its folder when it is run. `second`: when it was written. */
async function write(path, second) {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `console.log(${JSON.stringify(path)});`);
  await utimes(file, second, second);
}

const started = async () => (await run(process.execPath, [join(folder, "bin/polyreel.mjs")])).stdout.trim();

it("runs the bundle of an installed package", async () => {
  await write("dist/main.js", 20);
  await write("bundle/main.js", 10);
  expect(await started()).toBe("bundle/main.js");
});

it("runs the compiled files of a clone if something was compiled after the bundle was made", async () => {
  await write("dist/main.js", 10);
  await write("dist/.tsbuildinfo", 20);
  await write("bundle/main.js", 10);
  expect(await started()).toBe("dist/main.js");
  await write("bundle/main.js", 30);
  expect(await started()).toBe("bundle/main.js");
});

it("runs the compiled files without a bundle, and without either says what to do", async () => {
  await expect(started()).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("npm run build") });
  await write("dist/main.js", 10);
  expect(await started()).toBe("dist/main.js");
});
