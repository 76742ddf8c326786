import { constants } from "node:fs";
import { copyFile, link, open, rename, rm, stat } from "node:fs/promises";
import { systemCode } from "../files/disk-error.js";

/** Errors of file systems that cannot or may not move a file there. */
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

/** Clones the file copy-on-write; returns false, and leaves no file, if the file system cannot. */
export async function clone(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    await rm(to, { force: true }); // Copying will report any other cause.
    return false;
  }
}

export async function flush(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

/** Errors of file systems without hard links. */
const UNLINKABLE = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Moves a file to a path that does not exist, otherwise leaves both; returns whether it was moved. Of concurrent movers
 * exactly one succeeds; on file systems without hard links, the last one that found no file there wins.
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
    () => false, // The move will report any other cause.
  );
