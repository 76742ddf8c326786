import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform/errors.js";

/**
 * Keeps a database's folder for this process: PGlite itself lets a second one in, and what either writes is lost. Gives
 * what lets go of it. Throws PolyreelError `precondition` where another process that is alive has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "owner.pid");
  for (;;) {
    try {
      await using file = await open(path, "wx");
      await file.writeFile(`${process.pid}\n`);
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number.parseInt(await readFile(path, "utf8").catch(() => ""), 10);
    if (Number.isInteger(owner) && isAlive(owner)) throw taken(folder, owner);
    await rm(path, { force: true }); // of a process that is gone
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const taken = (folder: string, owner: number): PolyreelError =>
  new PolyreelError("precondition", {
    reason: `The read model's database in ${folder} belongs to another process (${owner}).`,
    remedy: "End that one, give another folder, or set DATABASE_URL to share a PostgreSQL database.",
  });
