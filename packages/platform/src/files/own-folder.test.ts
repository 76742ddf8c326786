import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import * as kernelLock from "./kernel-lock.js";
import { makeOwnFolder } from "./own-folder.js";

vi.mock("./kernel-lock.js", { spy: true });

it("creates another folder if a sweeping process had locked the first one", async () => {
  const parent = await mkdtemp(join(tmpdir(), "polyreel-own-"));
  // Another process sweeps, and is killed before it removes the folder that it found.
  vi.mocked(kernelLock.tryLock).mockResolvedValueOnce(undefined);
  const own = await makeOwnFolder(parent, "polyreel-x-");
  expect(kernelLock.tryLock).toHaveBeenCalledTimes(2);
  expect((await readdir(parent)).map((name) => join(parent, name))).toEqual([own.path]);
  await own.close();
  expect(await readdir(parent)).toEqual([]);
  await rm(parent, { recursive: true });
});
