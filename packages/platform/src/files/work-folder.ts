import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeLeftFolders } from "./left-folders.js";
import { makeOwnFolder } from "./own-folder.js";

/** A process's folder for temporary files. */
export interface WorkFolder {
  /** Exists until it is closed. */
  readonly path: string;
  /** Runs `work` with a folder of its own, which is removed afterwards in any case. */
  use<T>(work: (folder: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens a work folder, and removes those that dead processes of this name left behind. */
export async function openWorkFolder(name: string, parent = tmpdir()): Promise<WorkFolder> {
  const prefix = `polyreel-${name}-`;
  await mkdir(parent, { recursive: true });
  await removeLeftFolders(parent, prefix);
  const { path: root, close } = await makeOwnFolder(parent, prefix);
  return {
    path: root,
    async use(work) {
      const folder = await mkdtemp(join(root, "job-"));
      try {
        return await work(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    close,
  };
}
