import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** Contents and modification times of all files below a folder, except hidden ones, by path. */
export async function snapshot(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const shown = files.map((path) => relative(folder, path)).filter((path) => !/(^|\/)\./.test(path));
  const states = await Promise.all(shown.map(async (path) => [path, await fileState(join(folder, path))] as const));
  return new Map(states.flatMap(([path, state]) => (state ? [[path, state] as const] : [])));
}

/** Undefined for a missing file: one that is being replaced is missing for a moment. */
async function fileState(path: string): Promise<string | undefined> {
  try {
    const { mtimeNs } = await stat(path, { bigint: true });
    const bytes = await readFile(path);
    return `${createHash("sha256").update(bytes).digest("hex")} ${mtimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Files of the first snapshot that changed or are missing in the second. */
export const changedFiles = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...before].flatMap(([path, state]) => (after.get(path) === state ? [] : path));
