import { readEnvironment } from "@polyreel/platform/runtime";
import { str } from "envalid";

export interface VoicesConfig {
  /** File of voice providers; empty: none. */
  readonly voicesFile: string;
}

/** Settings of speech engines, which the command has as well as the speech service. */
export function readVoicesConfig(env: NodeJS.ProcessEnv): VoicesConfig {
  const values = readEnvironment({ POLYREEL_VOICES: str({ default: "", desc: "file of voice providers" }) }, env);
  return { voicesFile: values.POLYREEL_VOICES };
}
