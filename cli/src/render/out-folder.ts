import { constants } from "node:fs";
import { access, mkdir, rmdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

/** The folder that videos go to, there and writable. */
export interface OutFolder {
  readonly path: string;
  /** Takes away what was made of it, if nothing came to lie in it. */
  removeIfUnused(): Promise<void>;
}

export async function openOutFolder(given: string): Promise<OutFolder> {
  const path = resolve(given);
  try {
    const firstMade = await mkdir(path, { recursive: true });
    await access(path, constants.W_OK | constants.X_OK);
    return { path, removeIfUnused: () => (firstMade ? removeUpTo(firstMade, path) : Promise.resolve()) };
  } catch (error) {
    throw refused(given, error as NodeJS.ErrnoException);
  }
}

/** Removes empty folders from `path` upwards, down from the first that was made. */
async function removeUpTo(firstMade: string, path: string): Promise<void> {
  for (let folder = path; folder.length >= firstMade.length; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return; // something lies in it
    }
  }
}

function refused(file: string, { code, message }: NodeJS.ErrnoException): ProblemsError {
  const aFile = code === "EEXIST" || code === "ENOTDIR";
  const what = aFile ? "This is a file, not a folder." : `The folder can't be written to (${code ?? message}).`;
  const remedy = aFile ? "Give a folder with --out." : "Give another folder with --out, or change its permissions.";
  return new ProblemsError([{ what, where: { file }, remedy }], exitCodes.usage);
}
