import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

export interface Lock {
  release(): Promise<void>;
}

/** Keeps a folder for this process: two servers over one folder would lose each other's facts. */
export async function lockFolder(folder: string): Promise<Lock> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "owner.pid");
  for (;;) {
    try {
      await using file = await open(path, "wx");
      await file.writeFile(`${process.pid}\n`);
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      await removeIfLeftBehind(path, folder);
    }
  }
}

/** Removes the lock of a process that is gone; throws ProblemsError where it is alive. */
async function removeIfLeftBehind(path: string, folder: string): Promise<void> {
  const pid = Number.parseInt(await readFile(path, "utf8").catch(() => ""), 10);
  if (Number.isInteger(pid) && pid !== process.pid && isAlive(pid)) {
    const what = `Polyreel is up already over this store (process ${pid}).`;
    const remedy = "Use it, end it, or give another folder with --store.";
    throw new ProblemsError([{ what, where: { file: folder }, remedy }], exitCodes.usage);
  }
  await rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
