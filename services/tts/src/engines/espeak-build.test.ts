import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { espeakBuild } from "./espeak-build.js";

const { signal } = new AbortController();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel data-"));
  await mkdir(join(folder, "lang"));
  await writeFile(join(folder, "phondata"), "phonemes");
  await writeFile(join(folder, "lang", "en"), "name English");
});
afterEach(() => rm(folder, { recursive: true }));

const build = (version = "1.51") => espeakBuild(`eSpeak NG text-to-speech: ${version}  Data at: ${folder}\n`, signal);

it("contains the program's version and a digest of its data", async () => {
  const first = await build();
  expect(first).toMatch(/^espeak-ng 1\.51\/data [0-9a-f]{16}$/);
  expect(await build()).toBe(first);
  expect(await build("1.52.0")).toBe(first.replace("1.51", "1.52.0"));
});

it.each([
  ["a changed file", () => writeFile(join(folder, "lang", "en"), "name English!")],
  ["another file", () => writeFile(join(folder, "en_dict"), "")],
  ["a file elsewhere", () => writeFile(join(folder, "en"), "name English").then(() => rm(join(folder, "lang", "en")))],
])("changes with %s", async (_, change) => {
  const first = await build();
  await change();
  expect(await build()).not.toBe(first);
});

it("refuses output without a version", async () => {
  await expect(espeakBuild("hello", signal)).rejects.toThrow("It printed no version.");
});
