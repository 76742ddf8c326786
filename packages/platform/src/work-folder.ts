import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A process's folder for files in the making. */
export interface WorkFolder {
  /** Runs `work` with a folder of its own, which is gone afterwards, whatever happens. */
  use<T>(work: (folder: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens a work folder, and removes those that processes of this name left behind when they died. */
export async function openWorkFolder(name: string, parent = tmpdir()): Promise<WorkFolder> {
  const prefix = `polyreel-${name}-`;
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent)) {
    const pid = entry.startsWith(prefix) ? Number(/^(\d+)-/.exec(entry.slice(prefix.length))?.[1]) : Number.NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(parent, entry), { recursive: true, force: true });
  }
  const root = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  return {
    async use(work) {
      const folder = await mkdtemp(join(root, "job-"));
      try {
        return await work(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
