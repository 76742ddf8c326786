import { type CommonConfig, count, readCommonConfig, readEnvironment } from "@polyreel/platform/runtime";
import { str } from "envalid";

export interface UploaderConfig extends CommonConfig {
  /** The folder that outputs go to; batches name folders below it. */
  readonly outputFolder: string;
  /** Outputs written at the same time. */
  readonly deliveriesAtOnce: number;
}

/** A delivery is mostly copying: a few at a time keep a disk busy. */
const DEFAULT_DELIVERIES_AT_ONCE = 4;

export function readConfig(env: NodeJS.ProcessEnv = process.env): UploaderConfig {
  const values = readEnvironment(
    {
      POLYREEL_OUTPUT: str({ desc: "folder that finished videos go to" }),
      POLYREEL_DELIVERIES: count({ default: DEFAULT_DELIVERIES_AT_ONCE, desc: "videos written at the same time" }),
    },
    env,
  );
  return {
    ...readCommonConfig(env),
    outputFolder: values.POLYREEL_OUTPUT,
    deliveriesAtOnce: values.POLYREEL_DELIVERIES,
  };
}
