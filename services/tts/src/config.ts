import { availableParallelism } from "node:os";
import { type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";
import { readSecretsConfig, type SecretsConfig } from "@polyreel/platform/secrets";
import { readVoicesConfig, type VoicesConfig } from "./engines/voices-config.js";

export interface TtsConfig extends CommonConfig, VoicesConfig {
  /** Voice lines spoken concurrently. */
  readonly linesAtOnce: number;
  readonly secrets: SecretsConfig;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): TtsConfig {
  const values = readEnvironment(
    { POLYREEL_LINES: count({ default: availableParallelism(), desc: "voice lines spoken concurrently" }) },
    env,
  );
  return {
    ...readCommonConfig(env),
    ...readVoicesConfig(env),
    linesAtOnce: values.POLYREEL_LINES,
    secrets: readSecretsConfig(env),
  };
}
