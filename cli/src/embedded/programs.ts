import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { wholeEnvironment } from "../config.js";
import { exitCodes } from "../exit-codes.js";
import { type Problem, ProblemsError } from "../problem.js";

/** Programs that Polyreel starts, the variables that override their paths, and how to install them. */
const PROGRAMS = {
  "nats-server": {
    variable: undefined,
    remedy: "Install it: apt-get install nats-server, brew install nats-server, or from nats.io.",
  },
  ffmpeg: { variable: "FFMPEG_PATH", remedy: "Install it: apt-get install ffmpeg, or brew install ffmpeg." },
  ffprobe: { variable: "FFPROBE_PATH", remedy: "Install it: apt-get install ffmpeg, or brew install ffmpeg." },
} as const;

export type ProgramName = keyof typeof PROGRAMS;

/** Debian installs nats-server in a folder that is not on an ordinary user's PATH. */
const EXTRA_FOLDERS =
  process.platform === "win32" ? [] : ["/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"];

const ALL = Object.keys(PROGRAMS) as ProgramName[];

/** Finds programs. Throws ProblemsError naming every missing one. */
export async function findPrograms<Name extends ProgramName = ProgramName>(
  names: readonly Name[] = ALL as Name[],
  env: NodeJS.ProcessEnv = wholeEnvironment(),
): Promise<Record<Name, string>> {
  const found = await Promise.all(names.map(async (name) => [name, await findProgram(name, env)] as const));
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => missingProgram(name, env));
  if (missing.length > 0) throw new ProblemsError(missing, exitCodes.usage);
  return Object.fromEntries(found) as Record<Name, string>;
}

async function findProgram(name: ProgramName, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const given = namedPath(name, env);
  if (given) return (await runnable(given)) ? given : undefined;
  const extra = name === "nats-server" ? EXTRA_FOLDERS : [];
  const extensions = process.platform === "win32" ? [".exe", ""] : [""];
  for (const folder of [...(env.PATH ?? "").split(delimiter), ...extra]) {
    for (const extension of extensions) {
      const path = join(folder, name + extension);
      if (folder && (await runnable(path))) return path;
    }
  }
  return undefined;
}

const runnable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function namedPath(name: ProgramName, env: NodeJS.ProcessEnv): string | undefined {
  const { variable } = PROGRAMS[name];
  return variable && env[variable];
}

function missingProgram(name: ProgramName, env: NodeJS.ProcessEnv): Problem {
  const { variable, remedy } = PROGRAMS[name];
  const given = namedPath(name, env);
  if (given) {
    const what = `${variable} names ${JSON.stringify(given)}, which is no program that can be run.`;
    return { what, remedy: "Correct it, or leave it out where the PATH has the program." };
  }
  return { what: `${name} is not installed (or not on the PATH).`, remedy };
}
