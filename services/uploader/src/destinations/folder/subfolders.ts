import { lstat, readdir, rmdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { undefinedIfAbsent } from "@polyreel/platform/files";
import type { Owner } from "../receipt.js";
import { type Entered, enterFolder } from "./enter-folder.js";
import { RECEIPTS, Receipts } from "./receipts.js";

// Files with exact keys may be in subfolders of their destination's folder. Each subfolder contains the receipts of its
// own files, and is marked in the receipts of its parent, so that an owner's files are found from the destination's
// folder.

/** A file's subfolder of a destination's folder, entered level by level. */
export interface EnteredPath extends Entered {
  /** Relative to the root: the highest folder that was replaced since earlier deliveries; undefined if none. */
  readonly newFolder: string | undefined;
  /** The entered folders, highest first, each with a function that removes its mark. */
  readonly steps: readonly Step[];
}

interface Step {
  readonly path: string;
  readonly made: boolean;
  readonly forget: () => Promise<void>;
}

/** `segments`: names of the subfolders below `folder`. Throws as `enterFolder`. */
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
    // Only existing folders are marked, so a marked folder that had to be created was removed with its files.
    if (entered.made && isNoted) newFolder ??= below;
    await above.noteSubfolder(owner, segment);
    steps.push({ ...entered, forget: () => above.forgetSubfolder(segment) });
  }
  return { ...entered, newFolder, steps };
}

/** Removes folders created for a file that could not be written, unless they are in use by now. */
export async function leavePath({ steps }: EnteredPath): Promise<void> {
  for (const { path, made, forget } of [...steps].reverse()) {
    if (!made) return;
    try {
      await rmdir(path);
    } catch {
      return;
    }
    await forget().catch(() => {}); // A mark without a folder is harmless.
  }
}

/**
 * A folder, and recursively its subfolders with files of an owner (of any owner if omitted), parents first. Does not
 * follow symbolic links, which could form a cycle.
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

/** Removes marked subfolders without files, the deepest first. */
export async function removeEmptySubfolders(path: string, batchId: string): Promise<void> {
  const receipts = new Receipts(path);
  for (const name of await receipts.subfolders()) {
    const sub = join(path, name);
    if (await isFolder(sub)) {
      await removeEmptySubfolders(sub, batchId);
      if ((await readdir(sub)).some((one) => one !== RECEIPTS)) continue;
      await new Receipts(sub).removeVoid(batchId);
      await rmdir(sub).catch(() => {}); // Receipts of others, or new files.
      if (await isFolder(sub)) continue;
    }
    await receipts.forgetSubfolder(name);
  }
}

const isFolder = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(undefinedIfAbsent))?.isDirectory() ?? false;
