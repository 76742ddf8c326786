import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

/** Much longer than anything is locked: its command was killed. */
const ABANDONED_AFTER_MS = 30_000;
const LOOK_AGAIN_MS = 50;
const GIVE_UP_MS = 45_000;

/** Runs `work` while no other command does so for the same file. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await acquire(lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string): Promise<void> {
  for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt; await sleep(LOOK_AGAIN_MS)) {
    try {
      await (await open(lock, "wx", 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const made = await stat(lock).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > ABANDONED_AFTER_MS) await rm(lock, { force: true });
  }
  throw new ProblemsError(
    [{ what: `Another command keeps ${lock}.`, remedy: "End it, or remove that file." }],
    exitCodes.failed,
  );
}
