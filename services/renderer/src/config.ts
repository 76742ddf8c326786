import { availableParallelism } from "node:os";
import { type HardwareEncoder, hardwareEncoders } from "@polyreel/media/rendition";
import { type CommonConfig, choice, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";

export interface RendererConfig extends CommonConfig {
  /** Concurrent encodes of clips. */
  readonly encodesAtOnce: number;
  /** Concurrent processes that encode soundtracks, several each; also the limit of inputs read concurrently. */
  readonly mixesAtOnce: number;
  /** Encoder of hardware that this machine has, for outputs that ask for it. */
  readonly encoder: HardwareEncoder | "software";
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): RendererConfig {
  const cores = availableParallelism();
  const values = readEnvironment(
    {
      // One more than cores: a clip usually uses one thread, so cores would idle while the last clips of a batch remain.
      POLYREEL_ENCODES: count({ default: cores + 1, desc: "concurrent encodes of clips" }),
      POLYREEL_MIXES: count({ default: cores, desc: "concurrent processes that encode soundtracks" }),
      POLYREEL_ENCODER: choice(["software", ...hardwareEncoders])({
        default: "software",
        desc: "encoder of hardware that this machine offers",
      }),
    },
    env,
  );
  return {
    ...readCommonConfig(env),
    encodesAtOnce: values.POLYREEL_ENCODES,
    mixesAtOnce: values.POLYREEL_MIXES,
    encoder: values.POLYREEL_ENCODER,
  };
}
