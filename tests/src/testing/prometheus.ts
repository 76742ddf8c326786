import { spawnSync } from "node:child_process";

/** Whether Prometheus's programs are installed. */
export const PROMETHEUS = ["prometheus", "promtool"].every(
  (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0,
);

/** Output and exit code of a command of promtool. */
export function promtool(args: readonly string[], input = ""): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  return { code: status, output: stdout + stderr };
}
