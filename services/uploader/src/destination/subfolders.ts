import { lstat, readdir, rmdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { isAbsent } from "./disk.js";
import { type Entered, enterFolder } from "./enter-folder.js";
import type { Owner } from "./receipt.js";
import { RECEIPTS, Receipts } from "./receipts.js";

// Files with exact keys lie in subfolders of their destination's folder. Each subfolder holds the receipts of its own files, and
// the receipts of the folder above note it, so that an owner's files are found from the destination's folder on.

/** A destination's folder, entered down to the subfolder that a file lies in. */
export interface EnteredPath extends Entered {
  /** Below the root: the highest folder that is another one than that of files delivered before; undefined where none is. */
  readonly newFolder: string | undefined;
  /** The folders that were made, the highest first, each with what notes it. */
  readonly steps: readonly Step[];
}

interface Step {
  readonly path: string;
  readonly made: boolean;
  readonly forget: () => Promise<void>;
}

/** `segments`: names of the subfolders, from `folder` on. Throws as enterFolder does. */
export async function enterPath(
  root: string,
  folder: string,
  segments: readonly string[],
  owner: Owner,
): Promise<EnteredPath> {
  const top = await enterFolder(root, folder);
  const steps: Step[] = folder === "." ? [] : [{ ...top, forget: async () => {} }];
  let newFolder = top.made ? folder : undefined;
  let entered = top;
  let below = folder;
  for (const segment of segments) {
    const above = new Receipts(entered.path);
    const isNoted = await above.notesSubfolder(owner, segment);
    below = posix.join(below, segment);
    entered = await enterFolder(root, below);
    // It is noted only once it is there, so one that is noted and had to be made was removed, with its files.
    if (entered.made && isNoted) newFolder ??= below;
    await above.noteSubfolder(owner, segment);
    steps.push({ ...entered, forget: () => above.forgetSubfolder(segment) });
  }
  return { ...entered, newFolder, steps };
}

/** Removes folders that were made for a file that could not be written; what others have put something into stays. */
export async function leavePath({ steps }: EnteredPath): Promise<void> {
  for (const { path, made, forget } of [...steps].reverse()) {
    if (!made) return;
    try {
      await rmdir(path);
    } catch {
      return;
    }
    await forget().catch(() => {}); // a note of no folder does no harm
  }
}

/**
 * A folder, and the subfolders of it that an owner's files lie in (any owner's, where none is named), each before those in it.
 * Symbolic links are not followed, which could lead in a circle.
 */
export async function* withSubfolders(
  path: string,
  owner?: Owner,
  below = "",
): AsyncGenerator<{ readonly path: string; readonly below: string }> {
  yield { path, below };
  for (const name of await new Receipts(path).subfolders(owner)) {
    const sub = join(path, name);
    if (await isFolder(sub)) yield* withSubfolders(sub, owner, posix.join(below, name));
  }
}

/** Removes the subfolders that were made for files of which none is left, the lowest first. */
export async function removeEmptySubfolders(path: string, batchId: string): Promise<void> {
  const receipts = new Receipts(path);
  for (const name of await receipts.subfolders()) {
    const sub = join(path, name);
    if (await isFolder(sub)) {
      await removeEmptySubfolders(sub, batchId);
      if ((await readdir(sub)).some((one) => one !== RECEIPTS)) continue;
      await new Receipts(sub).removeVoid(batchId);
      await rmdir(sub).catch(() => {}); // receipts of others, or something that came just now
      if (await isFolder(sub)) continue;
    }
    await receipts.forgetSubfolder(name);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      if (isAbsent(error)) return false;
      throw error;
    },
  );
