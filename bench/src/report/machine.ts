import { arch, availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** What the figures were measured on, as keys of the report. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? "",
  cores: availableParallelism(),
  memoryMb: Math.round(totalmem() / 1e6),
  system: `${process.platform} ${release()} ${arch()}`,
  node: process.version,
  /** Others at work when it began make every figure worse than it is. */
  loadBefore: loadavg()[0] ?? 0,
});
