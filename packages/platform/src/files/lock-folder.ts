import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock } from "./kernel-lock.js";

/** A process that was killed holds its lock until its last thread and the program that locked for it have ended. */
const TRIES = 5;
const TRY_EVERY_MS = 50;

/**
 * Keeps a folder for this process, and gives what releases it. The kernel holds the lock: it ends with the process, and of
 * several that want it after a crash one gets it. Throws what `taken` makes of the owner's process id, which is NaN where it is
 * not known, and PolyreelError `precondition` where nothing here can lock.
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
        await rm(path, { force: true }); // before it is released: afterwards it may be another's
        await lock[Symbol.asyncDispose]();
      };
    }
    await sleep(TRY_EVERY_MS);
  }
  const owner = await readFile(path, "utf8").catch(() => "");
  throw taken(owner === "" ? Number.NaN : Number(owner));
}
