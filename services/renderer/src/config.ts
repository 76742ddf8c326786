import { availableParallelism } from "node:os";
import { type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";

export interface RendererConfig extends CommonConfig {
  /** Concurrent encodes of clips. */
  readonly encodesAtOnce: number;
  /** Concurrent processes that encode soundtracks, several each; also the limit of inputs read concurrently. */
  readonly mixesAtOnce: number;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): RendererConfig {
  const cores = availableParallelism();
  const values = readEnvironment(
    {
      // One more than cores: a clip usually uses one thread, so cores would idle while the last clips of a batch remain.
      POLYREEL_ENCODES: count({ default: cores + 1, desc: "concurrent encodes of clips" }),
      POLYREEL_MIXES: count({ default: cores, desc: "concurrent processes that encode soundtracks" }),
    },
    env,
  );
  return {
    ...readCommonConfig(env),
    encodesAtOnce: values.POLYREEL_ENCODES,
    mixesAtOnce: values.POLYREEL_MIXES,
  };
}
