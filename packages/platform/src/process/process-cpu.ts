import { WorkMeter } from "./work-meter.js";

/**
 * Shares this process's CPU among the combinations that are joined or delivered at the same time: their shares add up to
 * the process's CPU time meanwhile, messages and garbage collection included. All services of a process share one.
 * Waiting for the disk or the broker costs nothing, because others work meanwhile.
 */
export const processCpu = new WorkMeter(1, () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
});
