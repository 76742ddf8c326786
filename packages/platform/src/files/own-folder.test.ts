import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import * as kernelLock from "./kernel-lock.js";
import { makeOwnFolder } from "./own-folder.js";

vi.mock("./kernel-lock.js", { spy: true });

it("leaves no folder that somebody else had locked first", async () => {
  const parent = await mkdtemp(join(tmpdir(), "polyreel-own-"));
  // Somebody sweeps, and is killed before the folder that it found is removed.
  vi.mocked(kernelLock.tryLock).mockResolvedValueOnce(undefined);
  const own = await makeOwnFolder(parent, "polyreel-x-");
  expect(kernelLock.tryLock).toHaveBeenCalledTimes(2);
  expect((await readdir(parent)).map((name) => join(parent, name))).toEqual([own.path]);
  await own.close();
  expect(await readdir(parent)).toEqual([]);
  await rm(parent, { recursive: true });
});
