import { execFile } from "node:child_process";

/**
 * Children must not outlive us. Three cases are covered: an abort signal stops the child (watchdog.ts), an exit of this
 * process kills the groups still alive, and on Linux the kernel kills the child when this process ends without running our
 * code (SIGKILL, or a signal without a handler).
 */
const groups = new Set<number>();

process.on("exit", () => {
  for (const pid of groups) signalGroup(pid, "SIGKILL");
});

/** Tracks a process group until it has ended. */
export function holdUntilEnd(pid: number, ended: Promise<unknown>): void {
  groups.add(pid);
  const forget = () => groups.delete(pid);
  ended.then(forget, forget);
}

/** No such group; or (macOS) only a leader is left that was not waited for yet. */
const GONE = new Set(["ESRCH", "EPERM"]);

/** Sends a signal to a whole process group; a group that has ended is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!GONE.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/**
 * Command line that starts `path` so that the kernel kills it when we die: by util-linux's setpriv if available (it sets
 * the parent-death signal, then becomes the program, keeping its process id), otherwise the program itself. `more`: further
 * options of setpriv.
 */
export async function guardArguments(path: string, more: readonly string[] = []): Promise<string[]> {
  return (await hasSetpriv()) ? ["setpriv", "--pdeathsig", "KILL", ...more, "--", path] : [path];
}

let setpriv: Promise<boolean> | undefined;

function hasSetpriv(): Promise<boolean> {
  // Tried rather than looked up: busybox's setpriv has no --pdeathsig.
  setpriv ??= new Promise((resolve) => {
    if (process.platform !== "linux") resolve(false);
    else execFile("setpriv", ["--pdeathsig", "KILL", "--", "true"], (error) => resolve(!error));
  });
  return setpriv;
}
