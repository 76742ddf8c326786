import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** The command's settings from the environment. Flags take precedence. */
export interface CliConfig {
  /** Where sources and parts are kept, shared by all renders: a folder of this machine, or `s3://bucket/prefix`. */
  store: string;
  /** Where `up` keeps its event stream and read model if the store is no folder. */
  stateFolder: string;
  /** Where this machine remembers which files batches were submitted from. */
  submittedFolder: string;
  /** The server used by `submit`, `watch`, `cancel` and others. */
  serverUrl: string;
  /** File of presets, as the gateway reads it. */
  presetsFile: string;
  /** Inner networks, addresses and hosts that voices may be fetched from. */
  fetchAllow: string;
  /** Colours are allowed if the output is a terminal (no-color.org). */
  colors: boolean;
  /** The terminal cannot move its cursor. */
  dumbTerminal: boolean;
  /** Log level of services that run inside the command. */
  logLevel: string;
  /** The command was started by npm (npx, npm run). */
  startedByNpm: boolean;
}

/** The whole environment, for embedded services and child processes, which read it by their own configuration. */
export const wholeEnvironment = (): NodeJS.ProcessEnv => process.env;

/** The key that servers are shown (POLYREEL_KEY). No flag: other users of a machine see those. */
export const accessKey = (env: NodeJS.ProcessEnv = wholeEnvironment()): string => env.POLYREEL_KEY?.trim() || "";

/** File of certificates of authorities that are trusted beside the public ones (POLYREEL_CA). */
export const authorityFile = (env: NodeJS.ProcessEnv = wholeEnvironment()): string => env.POLYREEL_CA || "";

/** Where the tokens of sign-ins are kept ($XDG_CONFIG_HOME). */
export function credentialsFile(env: NodeJS.ProcessEnv = wholeEnvironment()): string {
  const own = env.XDG_CONFIG_HOME;
  return join(own && isAbsolute(own) ? own : join(homedir(), ".config"), "polyreel", "credentials.json");
}

/** Without the store's own code, which help does not need. */
const isOnS3 = (store: string): boolean => /^s3:/i.test(store);

/** Port that `polyreel up` listens on and other commands connect to. */
export const DEFAULT_PORT = 8080;

export function readCliConfig(env: NodeJS.ProcessEnv = wholeEnvironment()): CliConfig {
  // The XDG specification says to ignore relative paths.
  const cache = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), ".cache");
  const folder = join(cache, "polyreel");
  const store = env.POLYREEL_STORE || folder;
  return {
    store: isOnS3(store) ? store : resolve(store),
    stateFolder: folder,
    submittedFolder: join(cache, "polyreel-submitted"),
    serverUrl: env.POLYREEL_SERVER || `http://127.0.0.1:${DEFAULT_PORT}`,
    presetsFile: env.POLYREEL_PRESETS || "",
    fetchAllow: env.POLYREEL_FETCH_ALLOW || "",
    colors: !env.NO_COLOR,
    dumbTerminal: env.TERM === "dumb",
    logLevel: env.LOG_LEVEL || "silent",
    startedByNpm: Boolean(env.npm_command),
  };
}
