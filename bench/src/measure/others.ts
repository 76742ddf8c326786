import { readFileSync } from "node:fs";
import { cpuSeconds, TICKS_PER_SECOND } from "./cpu.js";

/** Busy and idle seconds of all cores since boot. */
export interface Cores {
  readonly busySeconds: number;
  readonly idleSeconds: number;
}

/**
 * Parses the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, and steal (taken by the host for
 * other machines). Guests' time, which follows, is included in user time.
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
 * Returns a function for the percentage of all cores' time used by others than this process and its ended children
 * since. Their load makes every time figure worse.
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
