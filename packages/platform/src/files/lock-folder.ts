import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock } from "./kernel-lock.js";

/** A killed process holds its lock until its last thread and the program that locked for it have ended. */
const TRIES = 5;
const TRY_EVERY_MS = 50;

/**
 * Locks a folder for this process, and returns a function that releases it. The kernel holds the lock: it ends with the
 * process, and of several that wait after a crash one gets it. Throws the error that `taken` makes from the owner's
 * process id, which is NaN if unknown, and PolyreelError `precondition` if locking is unsupported.
 */
export async function lockFolder(folder: string, taken: (owner: number) => Error): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "lock");
  for (let left = TRIES; left > 0; left--) {
    const lock = await tryLock(path);
    if (lock) {
      await lock.file.truncate();
      await lock.file.write(String(process.pid), 0);
      return async () => {
        await rm(path, { force: true }); // Before the release: afterwards it may be another process's.
        await lock[Symbol.asyncDispose]();
      };
    }
    await sleep(TRY_EVERY_MS);
  }
  const owner = await readFile(path, "utf8").catch(() => "");
  throw taken(owner === "" ? Number.NaN : Number(owner));
}
