import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PcmFile, pcmBytes } from "./pcm.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-pcm-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("reads a file to its end even if it is removed meanwhile", async () => {
  const path = join(folder, "a");
  await writeFile(path, pcmBytes(Float32Array.from([0.5, -0.5, 0.25, Number.NaN])));
  await using file = await PcmFile.open(path, 2);
  await rm(path);
  expect([...(await file.read(0, 9))]).toEqual([0.5, -0.5, 0.25, 0]);
});

it("reports a file that was removed before as to be decoded again", async () => {
  await expect(PcmFile.open(join(folder, "gone"), 2)).rejects.toMatchObject({ code: "unavailable", retryable: true });
});

it("refuses a file of another length", async () => {
  const path = join(folder, "a");
  await writeFile(path, pcmBytes(Float32Array.from([0.5, -0.5])));
  await expect(PcmFile.open(path, 2)).rejects.toMatchObject({ code: "internal" });
});
