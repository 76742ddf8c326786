import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Nothing is in the making for that long: what is older was left by a process that was killed. */
const LEFTOVER_AGE_MS = 24 * 3600 * 1000;

/** A folder for files in the making. Opening it removes what crashed processes left there. */
export async function openTemporaryFolder(folder: string): Promise<{ newPath(): string }> {
  await mkdir(folder, { recursive: true });
  const oldest = Date.now() - LEFTOVER_AGE_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Another process may be sweeping too.
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < oldest) await rm(path, { recursive: true, force: true });
  }
  return { newPath: () => join(folder, randomUUID()) };
}
