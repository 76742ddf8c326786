import { lstat, open, rename } from "node:fs/promises";
import { systemCode } from "@polyreel/platform/files";
import { type Disk, POOLED } from "./disk.js";

/** File systems without hard links: FAT, exFAT, some network and user-space ones. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Moves a file to an unused name atomically: throws EEXIST instead of replacing a file that exists by then. Node has no
 * rename without replacement, so it creates a second link to the file, and removes the first one.
 */
export async function createOnly(from: string, to: string, disk: Disk = POOLED): Promise<void> {
  try {
    await disk.link(from, to);
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error))) throw error;
    return renameOverPlaceholder(from, to);
  }
  await disk.unlink(from);
}

/**
 * The same for file systems without links: an empty placeholder reserves the name until it is replaced. A file that
 * replaces the placeholder at this moment is lost.
 */
async function renameOverPlaceholder(from: string, to: string): Promise<void> {
  const file = await open(to, "wx");
  const { ino } = await file.stat({ bigint: true }).finally(() => file.close());
  const held = await lstat(to, { bigint: true });
  if (held.ino !== ino || held.size > 0n) throw Object.assign(new Error("The name was taken."), { code: "EEXIST" });
  await rename(from, to);
}
