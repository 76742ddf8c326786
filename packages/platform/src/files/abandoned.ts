import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ownerOf } from "../process/process-mark.js";
import { tryLock } from "./kernel-lock.js";
import { isUnlockable } from "./own-folder.js";

/** No work takes longer. */
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * Runs `remove` if a file or folder, whose name begins with `mark`, was left by a process that has ended; prevents
 * others from doing the same meanwhile. On this machine the owner's kernel lock decides; for other machines, and where
 * locks are unsupported, age alone.
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

/** Whether it and everything in it was last written that long ago. */
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
