import { arch, availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** The machine of the figures, as keys of the report. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? "",
  cores: availableParallelism(),
  memoryMb: Math.round(totalmem() / 1e6),
  system: `${process.platform} ${release()} ${arch()}`,
  node: process.version,
  /** Other load at the start makes every figure worse. */
  loadBefore: loadavg()[0] ?? 0,
});
