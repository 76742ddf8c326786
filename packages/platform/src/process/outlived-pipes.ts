import type { ChildProcess } from "node:child_process";

/** Data in the pipes when a program ends is read within moments. After twice this time without data they are closed. */
const QUIET_MS = 500;

/**
 * Closes a program's pipes once it has exited and they are quiet: a descendant that left the process group may hold them
 * open indefinitely. `taking` marks the time in which the reader is busy and reads nothing.
 */
export function closeWhenQuiet(child: ChildProcess): { taking: (take: () => void | Promise<void>) => Promise<void> } {
  let taken = 0;
  let busy = false;
  let quiet: NodeJS.Timeout | undefined;
  child.once("close", () => clearTimeout(quiet));
  child.once("exit", () => {
    const before = { taken: -1 };
    quiet = setTimeout(() => setImmediate(look), QUIET_MS);
    const look = () => {
      if (!busy && taken === before.taken) for (const pipe of child.stdio) pipe?.destroy();
      else {
        before.taken = taken;
        quiet?.refresh();
      }
    };
  });
  return {
    taking: async (take) => {
      taken++;
      busy = true;
      try {
        await take();
      } finally {
        busy = false;
      }
    },
  };
}
