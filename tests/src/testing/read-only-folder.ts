import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Running } from "@polyreel/platform";

const run = promisify(execFile);
/** A mount that is being written to cannot be made read-only. */
const BUSY_TRIES = 400;
const BUSY_MS = 10;

/** A folder on a separate mount, which can be made read-only and writable again. */
export interface MountedFolder extends Running {
  readonly folder: string;
  makeReadOnly(): Promise<void>;
  makeWritable(): Promise<void>;
}

/** Mounts one. Requires privileges. */
export async function openMountedFolder(): Promise<MountedFolder> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-mounted-"));
  try {
    await run("mount", ["--bind", folder, folder]);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  const remount = (options: string) => run("mount", ["-o", `remount,bind,${options}`, folder]);
  return {
    folder,
    async makeReadOnly() {
      for (let tries = 1; ; tries++) {
        try {
          await remount("ro");
          return;
        } catch (error) {
          if (tries >= BUSY_TRIES) throw error;
          await delay(BUSY_MS);
        }
      }
    },
    async makeWritable() {
      await remount("rw");
    },
    async close() {
      await run("umount", ["--lazy", folder]);
      await rm(folder, { recursive: true });
    },
  };
}
