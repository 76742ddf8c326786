import { readFileSync } from "node:fs";
import { ownTicks, TICKS_PER_SECOND } from "./cpu.js";

/** A running process, by name. */
export interface Watched {
  readonly name: string;
  readonly pid: number;
}

/** What a process has used: CPU (user and system, all its threads) since it began, and memory now. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

/** Of another process, in ticks of 10 ms. Linux only. Throws where the process is gone. */
export function usageOf(pid: number): Usage {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return {
    cpuSeconds: ownTicks(readFileSync(`/proc/${pid}/stat`, "latin1")) / TICKS_PER_SECOND,
    rssMegabytes: (Number(kilobytes) * 1024) / 1e6,
  };
}

/** Of each process, by its name. */
export const usages = (processes: readonly Watched[]): Record<string, Usage> =>
  Object.fromEntries(processes.map(({ name, pid }) => [name, usageOf(pid)]));
