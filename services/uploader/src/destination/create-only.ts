import { lstat, open, rename } from "node:fs/promises";
import { systemCode } from "@polyreel/platform/files";
import { type Disk, POOLED } from "./disk.js";

/** File systems without hard links: FAT, exFAT, some network and user-space ones. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Moves a file to a name that nothing has, in one step: whoever has put something there meanwhile keeps it, and EEXIST is
 * thrown. Node has no rename that replaces nothing; a second link to the file is made instead, and the first one removed.
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
 * The same where there are no links: an empty file of ours holds the name, for the moment until it is renamed over. Whoever
 * replaces that in the same moment loses what they put there.
 */
async function renameOverPlaceholder(from: string, to: string): Promise<void> {
  const file = await open(to, "wx");
  const { ino } = await file.stat({ bigint: true }).finally(() => file.close());
  const held = await lstat(to, { bigint: true });
  if (held.ino !== ino || held.size > 0n) throw Object.assign(new Error("The name was taken."), { code: "EEXIST" });
  await rename(from, to);
}
