import { rmSync } from "node:fs";
import { mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "../errors.js";
// Its exit listener must run first: a child that still writes would fill a folder during its removal.
import "../process/orphans.js";
import { processMark, unlockedMark } from "../process/process-mark.js";
import { type KernelLock, tryLock } from "./kernel-lock.js";

/** A folder of this process alone: others keep it while this process lives, and may remove it afterwards. */
export interface OwnFolder {
  readonly path: string;
  close(): Promise<void>;
}

const TRIES = 10;
const open = new Set<string>();

// Also when this process exits at once in the middle of its work (a second Ctrl-C).
process.on("exit", () => {
  for (const path of open) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    } catch {
      // The next start removes leftovers of dead processes.
    }
  }
});

/** Creates one, named `<prefix><mark>-...`. It is locked, if the system and the file system support that. */
export async function makeOwnFolder(parent: string, prefix: string): Promise<OwnFolder> {
  for (let left = TRIES; left > 0; left--) {
    const path = await mkdtemp(join(parent, `${prefix}${processMark}-`));
    try {
      // A sweeping process may have found it before it was locked, and may die before it has removed it.
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
