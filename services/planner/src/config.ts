import { availableParallelism } from "node:os";
import { type CommonConfig, readCommonConfig, readEnvironment } from "@polyreel/platform/config.js";
import { num } from "envalid";

export interface PlannerConfig extends CommonConfig {
  /** Sources probed at the same time. */
  readonly probesAtOnce: number;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): PlannerConfig {
  const values = readEnvironment(
    { POLYREEL_PROBES: num({ default: availableParallelism(), desc: "sources probed at the same time" }) },
    env,
  );
  return { ...readCommonConfig(env), probesAtOnce: values.POLYREEL_PROBES };
}
