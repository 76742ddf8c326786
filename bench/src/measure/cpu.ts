import { readFileSync } from "node:fs";

/**
 * Seconds of CPU (user and system) that this process and its ended children have used so far.
 *
 * Of this process: getrusage, to the microsecond, all threads together. Of children: Node offers no RUSAGE_CHILDREN, so the
 * kernel's own sum is read from /proc/self/stat, in ticks of 10 ms. It counts children once they have ended and been waited
 * for, which Node does before it emits "exit", and includes their children; the sum is exact and only shown in ticks, so many
 * short children add up rightly. Linux only.
 */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childTicks(readFileSync("/proc/self/stat", "latin1")) / TICKS_PER_SECOND;
}

/** USER_HZ, which is always 100 on Linux. */
export const TICKS_PER_SECOND = 100;

/** utime and stime of a line of /proc/<pid>/stat: fields 14 and 15. */
export const ownTicks = (stat: string): number => field(stat, 14) + field(stat, 15);

/** cutime and cstime of such a line: fields 16 and 17. */
export const childTicks = (stat: string): number => field(stat, 16) + field(stat, 17);

/** Fields count from 1; the name in field 2 may contain anything. */
const field = (stat: string, number: number): number =>
  Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[number - 3]);
