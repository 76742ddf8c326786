import { execFile } from "node:child_process";
import { totalmem } from "node:os";
import { guardArguments } from "./orphans.js";

const GIB = 2 ** 30;

/** Half of what the machine has, or the container, is what one program may take at most. */
export const PROGRAM_MEMORY_BYTES = Math.min(4 * GIB, Math.max(GIB, machineMemoryBytes() / 2));

/** What the kernel lets a program take. */
export interface Bounds {
  /** In each file it writes. */
  readonly fileBytes: number;
  /** Writable memory; PROGRAM_MEMORY_BYTES where left out. */
  readonly memoryBytes?: number;
  /** Of the processor, however long that takes; any time where left out. */
  readonly processorSeconds?: number;
}

/**
 * Command line that starts `path` as `guardArguments` does, and within bounds that the kernel keeps whatever it is made to
 * do by what it reads, without core dumps, and without rights beyond ours by programs that others own. By util-linux's prlimit and setpriv; where they are missing, without bounds.
 */
export async function confinedArguments(
  path: string,
  { fileBytes, memoryBytes = PROGRAM_MEMORY_BYTES, processorSeconds }: Bounds,
): Promise<string[]> {
  const guarded = await guardArguments(path, ["--no-new-privs"]);
  if (!(await hasPrlimit())) return guarded;
  // RLIMIT_DATA and not RLIMIT_AS: threads reserve addresses that they never use.
  const limits = [`--data=${Math.floor(memoryBytes)}`, `--fsize=${Math.floor(fileBytes)}`, "--core=0"];
  // SIGXCPU at the first number, SIGKILL at the second.
  const time =
    processorSeconds === undefined ? [] : [`--cpu=${Math.ceil(processorSeconds)}:${Math.ceil(processorSeconds) + 5}`];
  return ["prlimit", ...limits, ...time, "--", ...guarded];
}

function machineMemoryBytes(): number {
  const container = process.constrainedMemory();
  return container > 0 ? Math.min(container, totalmem()) : totalmem();
}

let prlimit: Promise<boolean> | undefined;

function hasPrlimit(): Promise<boolean> {
  prlimit ??= new Promise((resolve) => {
    if (process.platform !== "linux") resolve(false);
    else execFile("prlimit", ["--core=0", "--", "true"], (error) => resolve(!error));
  });
  return prlimit;
}
