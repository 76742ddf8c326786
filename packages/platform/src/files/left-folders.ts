import { execFile } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { whereAbandoned } from "./abandoned.js";

/**
 * Removes folders named `<prefix><mark of a process>-...` (see own-folder.ts) whose process has died, after ending the
 * programs that still run in them. On Linux such programs die with us (see orphans.ts); elsewhere nothing else would
 * end them.
 */
export async function removeLeftFolders(parent: string, prefix: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(prefix)) continue;
    const folder = join(parent, entry);
    await whereAbandoned(folder, entry.slice(prefix.length), async () => {
      await endProgramsIn(folder);
      await rm(folder, { recursive: true, force: true });
    });
  }
}

/** Programs are identified by the folder's name in their command line: its random part excludes others. */
async function endProgramsIn(folder: string): Promise<void> {
  for (const { pid, command } of await programs()) {
    if (pid === process.pid || !command.includes(folder)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

/** All processes. Empty if the system has no POSIX `ps`: small containers, where orphans die with us. */
async function programs(): Promise<{ pid: number; command: string }[]> {
  const listed = await promisify(execFile)("ps", ["-A", "-o", "pid=", "-o", "args="], { maxBuffer: 16 << 20 }).catch(
    () => ({ stdout: "" }),
  );
  return listed.stdout.split("\n").flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid && command ? [{ pid: Number(pid), command }] : [];
  });
}
