import { availableParallelism } from "node:os";
import { type CommonConfig, readCommonConfig, readEnvironment } from "@polyreel/platform/config.js";
import { num } from "envalid";

export interface TtsConfig extends CommonConfig {
  /** Lines spoken at the same time. */
  readonly linesAtOnce: number;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): TtsConfig {
  const values = readEnvironment(
    { POLYREEL_LINES: num({ default: availableParallelism(), desc: "voice lines spoken at the same time" }) },
    env,
  );
  return { ...readCommonConfig(env), linesAtOnce: values.POLYREEL_LINES };
}
