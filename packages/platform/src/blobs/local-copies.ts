import { constants } from "node:fs";
import { copyFile, link, open, rename, rm, stat } from "node:fs/promises";
import { systemCode } from "../files/disk-error.js";

/** File systems that cannot move a file there, or may not. */
const COPIED_INSTEAD = new Set(["EXDEV", "EPERM", "EACCES"]);

export async function moveOrCopy(from: string, to: string): Promise<void> {
  await flush(from);
  await rename(from, to).catch(async (error: unknown) => {
    if (!COPIED_INSTEAD.has(systemCode(error) ?? "")) throw error;
    // FICLONE: shares the blocks where the file system can; copies otherwise.
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await flush(to);
  });
}

/** Shares the file's blocks, copied when either is written to; false, and nothing is there, where the file system can't. */
export async function clone(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    await rm(to, { force: true }); // whatever was in the way, reading it and writing it will name
    return false;
  }
}

export async function flush(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

/** File systems without hard links. */
const UNLINKABLE = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Moves a file to a path that does not exist, else leaves both; tells whether it was moved. Of several movers exactly one
 * succeeds, but on file systems without hard links, where the last of those that found nothing there wins.
 */
export async function moveIfAbsent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    await rm(from);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST" && (await isFile(to))) return false;
    if (!UNLINKABLE.has(code)) throw error;
  }
  if (await isFile(to)) return false;
  await rename(from, to);
  return true;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false, // whatever is in the way, the move names it
  );
