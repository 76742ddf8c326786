import type { ChildProcess, SpawnOptions } from "node:child_process";
import { PolyreelError } from "@polyreel/platform";
import { childEnvironment, confinedArguments, holdUntilEnd } from "@polyreel/platform/process";
import FfmpegCommand from "fluent-ffmpeg";

/**
 * The only use of fluent-ffmpeg: it finds the programs (FFMPEG_PATH, FFPROBE_PATH, then PATH), starts them and collects
 * their output. Its `run()` is avoided: it queries ffmpeg's capabilities first, and 2.1.3 misreads the answer of ffmpeg
 * 7; it reports an output stream that closes 20 ms before the process as an error; and it starts children in our
 * process group, where a Ctrl-C reaches them before us.
 */
interface Starter {
  _getFfmpegPath(callback: (error: Error | null, path: string) => void): void;
  _getFfprobePath(callback: (error: Error | null, path: string) => void): void;
  _spawnFfmpeg(
    args: string[],
    options: SpawnOptions & { captureStdout?: boolean; stdoutLines?: number },
    started: (child: ChildProcess) => void,
    ended: (error: Error | null, stdout: unknown, stderr?: { get(): string }) => void,
  ): void;
}

export type Program = "ffmpeg" | "ffprobe";

export interface Ending {
  /** null if a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines of stderr. */
  stderr: string;
}

export interface Child {
  process: ChildProcess;
  pid: number;
  /** Resolves when the process has exited and its stderr is read to the end. */
  ended: Promise<Ending>;
}

const STDERR_LINES = 200;

/**
 * Starts a program as the leader of its own process group, with limits on memory and file sizes, and a minimal
 * environment. stdin is `pipe` or closed; stdout and descriptor 3 (for progress) are pipes that the caller must read.
 * Throws PolyreelError `unavailable` if the program is missing.
 */
export async function startChild(
  program: Program,
  args: readonly string[],
  options: { stdin: boolean; maxFileBytes: number },
): Promise<Child> {
  const path = await findProgram(program);
  const [command = path, ...guard] = await confinedArguments(path, { fileBytes: options.maxFileBytes });
  const starter = newStarter();
  starter._getFfmpegPath = (callback) => callback(null, command);
  return new Promise((resolve, reject) => {
    let ended: (ending: Ending) => void = () => {};
    let child: ChildProcess | undefined;
    starter._spawnFfmpeg(
      [...guard, ...args],
      {
        detached: true,
        env: childEnvironment(),
        stdio: [options.stdin ? "pipe" : "ignore", "pipe", "pipe", "pipe"],
        windowsHide: true,
        stdoutLines: STDERR_LINES,
      },
      (started) => {
        child = started;
        if (started.pid === undefined) return; // It could not be started; the error event follows.
        const ending = new Promise<Ending>((end) => {
          ended = end;
        });
        holdUntilEnd(started.pid, ending);
        resolve({ process: started, pid: started.pid, ended: ending });
      },
      (error, _stdout, stderr) => {
        if (child?.pid === undefined) reject(missing(program, error));
        else ended({ exitCode: child.exitCode, signal: child.signalCode, stderr: stderr?.get() ?? "" });
      },
    );
  });
}

/** Path of a program. Throws PolyreelError `unavailable` if it is not installed. */
export function findProgram(program: Program): Promise<string> {
  const starter = newStarter();
  return new Promise((resolve, reject) => {
    const found = (error: Error | null, path: string) => (path ? resolve(path) : reject(missing(program, error)));
    if (program === "ffmpeg") starter._getFfmpegPath(found);
    else starter._getFfprobePath(found);
  });
}

const newStarter = (): Starter => FfmpegCommand() as unknown as Starter;

function missing(program: Program, cause: Error | null): PolyreelError {
  return new PolyreelError(
    "unavailable",
    {
      reason: `${program} is not installed (or not on PATH).`,
      remedy: `Install it (Debian and Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg), or set ${program.toUpperCase()}_PATH to where it lies.`,
    },
    { cause, outage: false },
  );
}
