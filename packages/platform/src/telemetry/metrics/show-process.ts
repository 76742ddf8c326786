import { monitorEventLoopDelay } from "node:perf_hooks";
import { show } from "./metrics.js";

/** Shows the state of this process. */
export function showProcess(): void {
  const delay = monitorEventLoopDelay();
  delay.enable();
  show("nodejs.eventloop.delay.p99", () => {
    const nanoseconds = delay.percentile(99);
    delay.reset();
    return [{ value: nanoseconds / 1e9, attributes: {} }];
  });
  show("process.memory.usage", () => [{ value: process.memoryUsage.rss(), attributes: {} }]);
  show("process.cpu.time", () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6, attributes: {} }];
  });
}
