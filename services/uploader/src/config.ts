import { type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";
import { readSecretsConfig, type SecretsConfig } from "@polyreel/platform/secrets";
import { str } from "envalid";

export interface UploaderConfig extends CommonConfig {
  /** The root folder of all outputs; batches use folders below it. */
  readonly outputFolder: string;
  /** File of destinations that batches can name; empty: none. */
  readonly destinationsFile: string;
  /** Concurrent deliveries. */
  readonly deliveriesAtOnce: number;
  readonly secrets: SecretsConfig;
}

/** A delivery is mostly copying: a few concurrent ones keep a disk busy. */
const DEFAULT_DELIVERIES_AT_ONCE = 4;

export function readConfig(env: NodeJS.ProcessEnv = process.env): UploaderConfig {
  const values = readEnvironment(
    {
      POLYREEL_OUTPUT: str({ desc: "folder for outputs" }),
      POLYREEL_DESTINATIONS: str({ default: "", desc: "file of destinations that batches can name" }),
      POLYREEL_DELIVERIES: count({ default: DEFAULT_DELIVERIES_AT_ONCE, desc: "concurrent deliveries" }),
    },
    env,
  );
  return {
    ...readCommonConfig(env),
    secrets: readSecretsConfig(env),
    outputFolder: values.POLYREEL_OUTPUT,
    destinationsFile: values.POLYREEL_DESTINATIONS,
    deliveriesAtOnce: values.POLYREEL_DELIVERIES,
  };
}
