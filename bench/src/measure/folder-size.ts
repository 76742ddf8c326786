import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of all files in a folder, at any depth; 0 if it does not exist. */
export async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  let bytes = 0;
  for (const name of names) {
    const found = await lstat(join(folder, name)).catch(() => undefined); // Removed meanwhile.
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
}
