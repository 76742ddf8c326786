import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ownerOf } from "../process/process-mark.js";
import { tryLock } from "./kernel-lock.js";
import { isUnlockable } from "./own-folder.js";

/** Nothing is in the making for that long. */
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * Runs `remove` where a file or folder, whose name begins with `mark`, was left by a process that has ended; keeps others from
 * doing the same meanwhile. On this machine the kernel knows: the owner holds a lock. Of other machines, and of what can't be
 * locked, age alone tells.
 */
export async function whereAbandoned(path: string, mark: string, remove: () => Promise<void>): Promise<void> {
  const owner = ownerOf(mark);
  if (owner === undefined || owner === "ours") return;
  const found = await lstat(path).catch(ignoreGone);
  if (!found) return;
  if (owner === "lockable" && found.isDirectory()) {
    try {
      await using lock = await tryLock(path, { folder: true }).catch(ignoreGone);
      if (lock) await remove();
      return;
    } catch (error) {
      if (!isUnlockable(error)) throw error;
    }
  }
  if (await isOld(path)) await remove();
}

/** Whether it and all that lies in it was written so long ago. */
export async function isOld(path: string): Promise<boolean> {
  const oldest = Date.now() - ABANDONED_MS;
  const entries = await readdir(path, { recursive: true }).catch((): string[] => []);
  for (const name of ["", ...entries]) {
    const found = await lstat(join(path, name)).catch(ignoreGone);
    if (found && found.mtimeMs >= oldest) return false;
  }
  return true;
}

function ignoreGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
