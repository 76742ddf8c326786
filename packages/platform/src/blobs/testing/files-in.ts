import { readdir } from "node:fs/promises";

/** Number of files in a folder at any depth, without empty folders. */
export async function filesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}
