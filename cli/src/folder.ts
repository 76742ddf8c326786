import { constants } from "node:fs";
import { access, mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { exitCodes } from "./exit-codes.js";
import { ProblemsError } from "./problem.js";

/** A folder that exists and is writable. */
export interface Folder {
  readonly path: string;
  /** Removes the folders that were created for it, if they are still empty. */
  removeIfUnused(): Promise<void>;
}

/** Creates the folder named by a flag unless it exists. Throws ProblemsError if it cannot be created or written to. */
export async function openFolder(given: string, flag: string): Promise<Folder> {
  const path = resolve(given);
  try {
    const made = await makeFolders(path);
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    await access(path, constants.W_OK | constants.X_OK);
    return { path, removeIfUnused: () => removeEmpty(made) };
  } catch (error) {
    throw refused(given, flag, error as NodeJS.ErrnoException);
  }
}

/**
 * Creates a folder and its missing ancestors; returns the created ones, innermost first. mkdir's `recursive` is not
 * used because it never returns where folders cannot be created at all (/proc).
 */
async function makeFolders(path: string): Promise<string[]> {
  try {
    await mkdir(path);
    return [path];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return [];
    if (code !== "ENOENT" || dirname(path) === path) throw error;
  }
  const above = await makeFolders(dirname(path));
  await mkdir(path);
  return [path, ...above];
}

async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await rmdir(folder);
    } catch {
      return; // Not empty.
    }
  }
}

function refused(file: string, flag: string, { code, message }: NodeJS.ErrnoException): ProblemsError {
  const what =
    code === "EEXIST" || code === "ENOTDIR"
      ? "This is a file, not a folder."
      : `The folder can't be made or written to (${code ?? message}).`;
  const remedy = `Give another folder with ${flag}, or change its permissions.`;
  return new ProblemsError([{ what, where: { file }, remedy }], exitCodes.usage);
}
