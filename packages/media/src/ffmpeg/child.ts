import type { ChildProcess, SpawnOptions } from "node:child_process";
import { resolve as absolute } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import FfmpegCommand from "fluent-ffmpeg";

/**
 * The one home of fluent-ffmpeg: it finds the programs (FFMPEG_PATH, FFPROBE_PATH, then PATH) and starts them. Only this layer
 * of it is used. Its `run()` asks ffmpeg for its capabilities first, and 2.1.3 reads the
 * answer of ffmpeg 7 wrongly; it reports an output stream that closes 20 ms before the process as an error; and it starts
 * children in our process group, where a Ctrl-C reaches them before us.
 */
interface Starter {
  _getFfmpegPath(callback: (error: Error | null, path: string) => void): void;
  _getFfprobePath(callback: (error: Error | null, path: string) => void): void;
  _spawnFfmpeg(
    args: string[],
    options: SpawnOptions & { stdoutLines: number },
    started: (child: ChildProcess) => void,
    ended: () => void,
  ): void;
}

export type Program = "ffmpeg" | "ffprobe";

/** Starts a program that was found, as Node's `spawn` does. */
export function spawnProgram(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const starter = newStarter();
  starter._getFfmpegPath = (callback) => callback(null, command);
  let child: ChildProcess | undefined;
  const started = (process: ChildProcess) => {
    child = process;
  };
  // It would collect the program's output, which the caller reads.
  starter._spawnFfmpeg([...args], { ...options, stdoutLines: 1 }, started, () => {});
  if (!child) throw new Error("fluent-ffmpeg started nothing");
  return child;
}

/** Absolute path of a program. Throws PolyreelError `unavailable` if it is not installed. */
export function findProgram(program: Program): Promise<string> {
  const starter = newStarter();
  return new Promise((resolve, reject) => {
    const found = (error: Error | null, path: string) =>
      path ? resolve(absolute(path)) : reject(missing(program, error));
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
      remedy: `Install it (Debian and Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg), or set ${program.toUpperCase()}_PATH to its path.`,
    },
    { cause, outage: false },
  );
}
