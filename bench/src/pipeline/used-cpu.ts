import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";
import { usages, type Watched } from "../measure/processes.js";

/** The services and nats-server. */
export const processesOf = ({ services, nats }: Pick<Pipeline, "services" | "nats">): Watched[] => [
  ...Object.values(services).map(({ name, child }) => ({ name, pid: child.pid ?? 0 })),
  { name: "nats", pid: nats.pid },
];

/** CPU of processes and of the programs that they started and that have ended, so far. In seconds. */
export const usedCpu = (processes: readonly Watched[]): number =>
  Object.values(usages(processes)).reduce((sum, one) => sum + one.cpuSeconds + one.childrenCpuSeconds, 0);
