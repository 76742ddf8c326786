import { readFileSync } from "node:fs";
import { childTicks, ownTicks, TICKS_PER_SECOND } from "./cpu.js";

/** A running process, by name. */
export interface Watched {
  readonly name: string;
  readonly pid: number;
}

/** Usage of a process since its start: CPU is user and system time of all its threads. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Of its ended children, recursively. */
  readonly childrenCpuSeconds: number;
  /** Currently resident. */
  readonly rssMegabytes: number;
  /** Peak resident memory. */
  readonly peakMegabytes: number;
}

/** Usage of another process, in ticks of 10 ms. Linux only. Throws if the process is gone. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const megabytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024) / 1e6;
  return {
    cpuSeconds: ownTicks(stat) / TICKS_PER_SECOND,
    childrenCpuSeconds: childTicks(stat) / TICKS_PER_SECOND,
    rssMegabytes: megabytes("VmRSS"),
    peakMegabytes: megabytes("VmHWM"),
  };
}

/** Of each process, by name. */
export const usages = (processes: readonly Watched[]): Record<string, Usage> =>
  Object.fromEntries(processes.map(({ name, pid }) => [name, usageOf(pid)]));
