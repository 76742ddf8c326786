import { rmSync } from "node:fs";
import { mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "../errors.js";
// Its exit listener comes first: a child that still writes would fill a folder while it is removed.
import "../process/orphans.js";
import { processMark, unlockedMark } from "../process/process-mark.js";
import { type KernelLock, tryLock } from "./kernel-lock.js";

/** A folder of this process alone, which others leave alone while it lives and may remove afterwards. */
export interface OwnFolder {
  readonly path: string;
  close(): Promise<void>;
}

const TRIES = 10;
const open = new Set<string>();

// Also where this process exits at once, in the middle of its work (a second Ctrl-C).
process.on("exit", () => {
  for (const path of open) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    } catch {
      // The next start removes what a process that is gone has left.
    }
  }
});

/** Makes one, named `<prefix><mark>-...`. It is locked, where the system and the file system can. */
export async function makeOwnFolder(parent: string, prefix: string): Promise<OwnFolder> {
  for (let left = TRIES; left > 0; left--) {
    const path = await mkdtemp(join(parent, `${prefix}${processMark}-`));
    try {
      // Whoever sweeps just now may have found it before it was locked; it may die before it has removed it.
      const lock = await tryLock(path, { folder: true }).catch(ignoreGone);
      if (lock) return opened(path, lock);
      await rmdir(path).catch(ignoreGone);
    } catch (error) {
      if (!isUnlockable(error)) throw error;
      const unlocked = path.replace(processMark, unlockedMark);
      await rename(path, unlocked);
      return opened(unlocked, undefined);
    }
  }
  throw new PolyreelError("unavailable", {
    reason: `Folders made in ${parent} are removed at once.`,
    remedy: "Find out which program does so.",
  });
}

function opened(path: string, lock: KernelLock | undefined): OwnFolder {
  open.add(path);
  return {
    path,
    async close() {
      await rm(path, { recursive: true, force: true });
      open.delete(path);
      await lock?.[Symbol.asyncDispose]();
    },
  };
}

export const isUnlockable = (error: unknown): boolean =>
  error instanceof PolyreelError && error.code === "precondition";

function ignoreGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
