import { availableParallelism } from "node:os";
import { type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";

export interface TtsConfig extends CommonConfig {
  /** Voice lines spoken concurrently. */
  readonly linesAtOnce: number;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): TtsConfig {
  const values = readEnvironment(
    { POLYREEL_LINES: count({ default: availableParallelism(), desc: "voice lines spoken concurrently" }) },
    env,
  );
  return { ...readCommonConfig(env), linesAtOnce: values.POLYREEL_LINES };
}
