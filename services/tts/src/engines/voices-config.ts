import { readEnvironment } from "@polyreel/platform/runtime";
import { str } from "envalid";
import { parseCommand } from "./command/parse-command.js";

export interface VoicesConfig {
  /** File of voice providers; empty: none. */
  readonly voicesFile: string;
  /** A program that speaks, and its arguments; empty: none. */
  readonly voiceCommand: readonly string[];
}

/** Settings of speech engines, which the command has as well as the speech service. */
export function readVoicesConfig(env: NodeJS.ProcessEnv): VoicesConfig {
  const values = readEnvironment(
    {
      POLYREEL_VOICES: str({ default: "", desc: "file of voice providers" }),
      POLYREEL_VOICE_COMMAND: str({ default: "", desc: "program that speaks, with its arguments" }),
    },
    env,
  );
  return { voicesFile: values.POLYREEL_VOICES, voiceCommand: parseCommand(values.POLYREEL_VOICE_COMMAND) };
}
