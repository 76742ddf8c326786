import { readFileSync } from "node:fs";
import { cpuSeconds, TICKS_PER_SECOND } from "./cpu.js";

/** Seconds that all cores together have been busy and idle since the machine began. */
export interface Cores {
  readonly busySeconds: number;
  readonly idleSeconds: number;
}

/**
 * The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, and steal, which is what the host gave to
 * other machines. Time of guests, which follows, is counted as user time already.
 */
export function coresOf(stat: string): Cores {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = stat
    .slice(0, stat.indexOf("\n"))
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  return { busySeconds: user + nice + system + irq + softirq + steal, idleSeconds: idle + iowait };
}

/**
 * Tells, when called later, the share of all cores' time that went to others than this process and its ended children, in
 * percent. What others take makes every figure of time worse than it is.
 */
export function watchOthers(): () => number {
  const look = () => ({ ...coresOf(readFileSync("/proc/stat", "latin1")), own: cpuSeconds() });
  const then = look();
  return () => {
    const now = look();
    const busy = now.busySeconds - then.busySeconds;
    const all = busy + now.idleSeconds - then.idleSeconds;
    return (Math.max(0, busy - (now.own - then.own)) / all) * 100;
  };
}
