import { execFile } from "node:child_process";
import { mkdtemp, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Running } from "@polyreel/platform";

const run = promisify(execFile);

/** A separate file system of a few megabytes. */
export interface SmallDisk extends Running {
  readonly folder: string;
  /** Fills it except for this much. */
  fillBut(spareBytes: number): Promise<void>;
  /** Frees it again. */
  free(): Promise<void>;
}

/** Whether this user may mount. */
export async function mayMount(): Promise<boolean> {
  try {
    await (await openSmallDisk(1)).close();
    return true;
  } catch {
    return false;
  }
}

/** Mounts one in memory. */
export async function openSmallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fillBut: async (spareBytes) => {
      await rm(filler, { force: true });
      const { bavail, bsize } = await statfs(folder);
      await writeFile(filler, Buffer.alloc(bavail * bsize - spareBytes));
    },
    free: () => truncate(filler),
    close: async () => {
      await run("umount", ["--lazy", folder]);
      await rm(folder, { recursive: true });
    },
  };
}
