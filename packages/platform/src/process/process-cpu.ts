import { WorkMeter } from "./work-meter.js";

/**
 * Shares this process's CPU among the combinations that are joined or delivered at the same time: what all of them take adds up
 * to what the process took while it was at them, messages and collected garbage included. There is one, however many services run
 * in a process. Waiting for the disk or the broker costs nothing: others work meanwhile.
 */
export const processCpu = new WorkMeter(1, () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
});
