import fs from "node:fs";
import { link, lstat, open, realpath, rename, statfs, unlink, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { AppendedFile } from "@polyreel/media/join";
import { undefinedIfAbsent } from "@polyreel/platform/files";

/** File system calls of a delivery. They throw the file system's errors. */
export interface Disk {
  /** Undefined if the path does not exist. */
  lstat(path: string): Promise<fs.BigIntStats | undefined>;
  realpath(path: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Creates a small file. */
  create(path: string, text: string): Promise<void>;
  /** Writes a new file, and returns its final stats. */
  write(path: string, work: (file: AppendedFile) => Promise<void>): Promise<fs.BigIntStats>;
}

/** Runs every call in libuv's thread pool: a slow file system, such as a network's, does not block the process. */
export const POOLED: Disk = {
  lstat: (path) => lstat(path, { bigint: true }).catch(undefinedIfAbsent),
  realpath,
  rename,
  link,
  unlink,
  create: (path, text) => writeFile(path, text, { flag: "wx" }),
  async write(path, work) {
    const file = await open(path, "wx");
    try {
      await work(file);
    } finally {
      await file.close();
    }
    return lstat(path, { bigint: true });
  },
};

const writev = promisify(fs.writev);

/**
 * Makes calls that only read or change entries in memory synchronously: there are nine per file, and passing each to a
 * thread would cost several times the call. The bytes of outputs are written in the pool.
 */
export const IN_PLACE: Disk = {
  // Avoids an error for missing paths, whose stack would cost several times the call.
  lstat: async (path) => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  realpath: async (path) => fs.realpathSync.native(path),
  rename: async (from, to) => fs.renameSync(from, to),
  link: async (from, to) => fs.linkSync(from, to),
  unlink: async (path) => fs.unlinkSync(path),
  create: async (path, text) => fs.writeFileSync(path, text, { flag: "wx" }),
  async write(path, work) {
    const file = fs.openSync(path, "wx");
    try {
      await work({ writev: (buffers) => writev(file, buffers) });
      return fs.fstatSync(file, { bigint: true });
    } finally {
      fs.closeSync(file);
    }
  },
};

/** Local file systems of Linux by type (statfs(2)): ext2 to ext4, XFS, Btrfs, F2FS, ZFS, tmpfs, overlayfs. */
const LOCAL: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630,
]);

/** The calls to use for a folder's file system. */
export async function diskOf(folder: string): Promise<Disk> {
  if (process.platform !== "linux") return POOLED;
  const { type } = await statfs(folder);
  return LOCAL.has(type) ? IN_PLACE : POOLED;
}
