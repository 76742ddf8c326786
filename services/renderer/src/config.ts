import { availableParallelism } from "node:os";
import { type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";

export interface RendererConfig extends CommonConfig {
  /** Clips encoded at the same time. */
  readonly encodesAtOnce: number;
  /** Processes that encode soundtracks at the same time, several each; and inputs that are read at the same time. */
  readonly mixesAtOnce: number;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): RendererConfig {
  const cores = availableParallelism();
  const values = readEnvironment(
    {
      // One more than cores: a thread each, the last few of a batch would leave cores idle, and the first ones share them.
      POLYREEL_ENCODES: count({ default: cores + 1, desc: "clips encoded at the same time" }),
      POLYREEL_MIXES: count({ default: cores, desc: "processes that encode soundtracks at the same time" }),
    },
    env,
  );
  return {
    ...readCommonConfig(env),
    encodesAtOnce: values.POLYREEL_ENCODES,
    mixesAtOnce: values.POLYREEL_MIXES,
  };
}
