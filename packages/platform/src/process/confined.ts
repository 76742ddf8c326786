import { execFile } from "node:child_process";
import { totalmem } from "node:os";
import { guardArguments } from "./orphans.js";

const GIB = 2 ** 30;

/** Memory limit of one program: half of the machine's or container's memory, within bounds. */
export const PROGRAM_MEMORY_BYTES = Math.min(4 * GIB, Math.max(GIB, machineMemoryBytes() / 2));

/** Resource limits of a program, enforced by the kernel. */
export interface Bounds {
  /** Size of each file it writes. */
  readonly fileBytes: number;
  /** Writable memory; PROGRAM_MEMORY_BYTES by default. */
  readonly memoryBytes?: number;
  /** CPU time; unlimited by default. */
  readonly processorSeconds?: number;
}

/**
 * Command line that starts `path` like `guardArguments`, within limits that the kernel enforces even if its input takes it
 * over, without core dumps, and without gaining privileges by setuid programs. Uses util-linux's prlimit and setpriv;
 * without them there are no limits.
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

/** Memory of this machine, or of this container if it may use less. */
export function machineMemoryBytes(): number {
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
