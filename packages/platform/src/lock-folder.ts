import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isOwnerGone, pidOf, processMark } from "./process-mark.js";

/**
 * Keeps a folder for this process, and gives what lets go of it. The lock of a process that is gone does not count, also
 * where a container's next process has its id. Throws what `taken` makes of the owner's process id where it is alive.
 */
export async function lockFolder(folder: string, taken: (owner: number) => Error): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "owner");
  for (;;) {
    try {
      await using file = await open(path, "wx");
      await file.writeFile(processMark);
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = await readFile(path, "utf8").catch(() => "");
    if (owner !== "" && !isOwnerGone(owner)) throw taken(pidOf(owner));
    await rm(path, { force: true });
  }
}
