import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isOwnerGone, processMark } from "../process-mark.js";

/** Nothing is in the making for that long: what is older was left by a process of a machine that is no more. */
const LEFTOVER_AGE_MS = 24 * 3600 * 1000;

/** A folder for files in the making. Opening it removes what processes that were killed left there. */
export async function openTemporaryFolder(folder: string): Promise<{ newPath(): string }> {
  await mkdir(folder, { recursive: true });
  const oldest = Date.now() - LEFTOVER_AGE_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Another process may be sweeping too.
    const found = await stat(path).catch(() => undefined);
    if (found && (found.mtimeMs < oldest || isOwnerGone(name))) await rm(path, { recursive: true, force: true });
  }
  return { newPath: () => join(folder, `${processMark}-${randomUUID()}`) };
}
