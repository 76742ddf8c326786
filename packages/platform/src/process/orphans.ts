import { execFile } from "node:child_process";

/**
 * Children must not outlive us. Three ways of ending are covered: an abort signal stops the child (run.ts), an exit of this
 * process kills the groups still alive, and on Linux the kernel kills the child when this process is gone by any way that
 * runs no code of ours (SIGKILL, or a signal without a handler).
 */
const groups = new Set<number>();

process.on("exit", () => {
  for (const pid of groups) signalGroup(pid, "SIGKILL");
});

/** Remembers a process group until it has ended. */
export function holdUntilEnd(pid: number, ended: Promise<unknown>): void {
  groups.add(pid);
  const forget = () => groups.delete(pid);
  ended.then(forget, forget);
}

/** No such group; or (macOS) nothing of it is left but a leader that nobody has waited for yet. */
const GONE = new Set(["ESRCH", "EPERM"]);

/** Sends a signal to a whole process group; a group that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!GONE.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/**
 * Command line that starts `path` so that the kernel kills it when we die: util-linux's setpriv where it is there (it sets
 * the parent-death signal, then becomes the program, keeping its process id), else the program as it is. `more`: what setpriv
 * is to see to besides.
 */
export async function guardArguments(path: string, more: readonly string[] = []): Promise<string[]> {
  return (await hasSetpriv()) ? ["setpriv", "--pdeathsig", "KILL", ...more, "--", path] : [path];
}

let setpriv: Promise<boolean> | undefined;

function hasSetpriv(): Promise<boolean> {
  // Tried rather than looked for: busybox has a setpriv that knows no --pdeathsig.
  setpriv ??= new Promise((resolve) => {
    if (process.platform !== "linux") resolve(false);
    else execFile("setpriv", ["--pdeathsig", "KILL", "--", "true"], (error) => resolve(!error));
  });
  return setpriv;
}
