import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { readEnvironment } from "@polyreel/platform/runtime";
import { str } from "envalid";
import { parseCommand } from "./command/parse-command.js";

/** The folder of Piper's models; it need not exist. */
export interface PiperFolder {
  readonly path: string;
  /** Not the default. */
  readonly isStated: boolean;
}

export interface VoicesConfig {
  /** File of voice providers; empty: none. */
  readonly voicesFile: string;
  /** A program that speaks, and its arguments; empty: none. */
  readonly voiceCommand: readonly string[];
  readonly piperFolder: PiperFolder;
}

/** Settings of speech engines, which the command has as well as the speech service. */
export function readVoicesConfig(env: NodeJS.ProcessEnv): VoicesConfig {
  const values = readEnvironment(
    {
      POLYREEL_VOICES: str({ default: "", desc: "file of voice providers" }),
      POLYREEL_VOICE_COMMAND: str({ default: "", desc: "program that speaks, with its arguments" }),
      POLYREEL_PIPER_VOICES: str({ default: "", desc: "folder of Piper's voices" }),
    },
    env,
  );
  return {
    voicesFile: values.POLYREEL_VOICES,
    voiceCommand: parseCommand(values.POLYREEL_VOICE_COMMAND),
    piperFolder: {
      path: resolve(values.POLYREEL_PIPER_VOICES || defaultPiperFolder(env)),
      isStated: values.POLYREEL_PIPER_VOICES !== "",
    },
  };
}

/** Not among caches: people may have no other copy. The XDG specification says to ignore relative paths. */
function defaultPiperFolder({ XDG_DATA_HOME: xdg = "" }: NodeJS.ProcessEnv): string {
  return join(isAbsolute(xdg) ? xdg : join(homedir(), ".local", "share"), "polyreel", "piper-voices");
}
