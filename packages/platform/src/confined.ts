import { execFile } from "node:child_process";
import { totalmem } from "node:os";
import { guardArguments } from "./orphans.js";

const GIB = 2 ** 30;

/** Half of what the machine has, or the container, is what one program may take at most. */
export const PROGRAM_MEMORY_BYTES = Math.min(4 * GIB, Math.max(GIB, machineMemoryBytes() / 2));

/**
 * Command line that starts `path` as `guardArguments` does, and within bounds that the kernel keeps whatever it is made to
 * do by what it reads: `memoryBytes` of writable memory, `fileBytes` in each file it writes, no core dumps. By util-linux's
 * prlimit; where that is missing, without bounds.
 */
export async function confinedArguments(
  path: string,
  { fileBytes, memoryBytes = PROGRAM_MEMORY_BYTES }: { fileBytes: number; memoryBytes?: number },
): Promise<string[]> {
  const guarded = await guardArguments(path);
  if (!(await hasPrlimit())) return guarded;
  // RLIMIT_DATA and not RLIMIT_AS: threads reserve addresses that they never use.
  const limits = [`--data=${Math.floor(memoryBytes)}`, `--fsize=${Math.floor(fileBytes)}`, "--core=0"];
  return ["prlimit", ...limits, "--", ...guarded];
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
