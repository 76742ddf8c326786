import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** What the command reads from its environment. Flags go before it. */
export interface CliConfig {
  /** Folder of sources and parts that renders on this machine share. */
  storeFolder: string;
  /** The server that `submit`, `watch` and `cancel` talk to. */
  serverUrl: string;
  /** Colours may be used where the output is a terminal (no-color.org). */
  colors: boolean;
  /** The terminal can't move its cursor. */
  dumbTerminal: boolean;
  /** Level of the services' log where they run inside the command. */
  logLevel: string;
  /** npm (npx, npm run) started the command. */
  startedByNpm: boolean;
}

/** All of the environment, for what runs inside the command and reads it by a configuration of its own. */
export const wholeEnvironment = (): NodeJS.ProcessEnv => process.env;

/** Where `polyreel up` listens and the other commands look for it. */
export const DEFAULT_PORT = 8080;

export function readCliConfig(env: NodeJS.ProcessEnv = wholeEnvironment()): CliConfig {
  // The XDG specification: a relative path is to be ignored.
  const cache = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), ".cache");
  return {
    storeFolder: resolve(env.POLYREEL_STORE || join(cache, "polyreel")),
    serverUrl: env.POLYREEL_SERVER || `http://127.0.0.1:${DEFAULT_PORT}`,
    colors: !env.NO_COLOR,
    dumbTerminal: env.TERM === "dumb",
    logLevel: env.LOG_LEVEL || "silent",
    startedByNpm: Boolean(env.npm_command),
  };
}
