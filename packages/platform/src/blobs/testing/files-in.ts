import { readdir } from "node:fs/promises";

/** How many files lie in a folder, at any depth; folders that are empty are none. */
export async function filesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}
