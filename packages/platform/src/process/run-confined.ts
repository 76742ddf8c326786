import { type ChildProcess, spawn as nodeSpawn, type SpawnOptions } from "node:child_process";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PolyreelError } from "../errors.js";
import { count } from "../telemetry/metrics/metrics.js";
import { charge } from "./charge.js";
import { childEnvironment } from "./child-environment.js";
import { type Bounds, confinedArguments } from "./confined.js";
import { holdUntilEnd } from "./orphans.js";
import { closeWhenQuiet } from "./outlived-pipes.js";
import { cancelled, processorSeconds, Watchdog, type Watched } from "./watchdog.js";

type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface ConfinedRun extends Pick<Watched, "signal" | "deadlineSeconds" | "stallSeconds" | "remedies"> {
  /** Its name, for messages, and for the PATH unless `path` is given. */
  readonly program: string;
  readonly path?: string;
  /** Never a user's text: a leading "-" would make it an option. */
  readonly args: readonly string[];
  readonly bounds: Bounds;
  readonly stdin?: string | Bytes | undefined;
  /** Receives its standard output; the program waits meanwhile. An error thrown here stops the program and the run. */
  readonly onStdout: (chunk: Buffer) => void | Promise<void>;
  /** Receives all of its standard error, of which the ending has only the last bytes. */
  readonly onStderr?: ((text: string) => void) | undefined;
  /** Receives its output to descriptor 3, and returns whether it made progress. Without it, CPU usage counts as progress. */
  readonly onProgress?: ((text: string) => boolean) | undefined;
  /**
   * Charge its CPU time as of its last output: only for programs that write something just before they end. For others the
   * amount would be too low.
   */
  readonly charged?: boolean;
  /** Starts the program; Node's `spawn` unless a library does it. */
  readonly spawn?: (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
}

export interface RunEnding {
  /** null if a signal ended it, or it was not started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** There is no program of that name. */
  readonly missing: boolean;
  /** The last bytes of its standard error. */
  readonly stderr: string;
}

const STDERR_CHARACTERS = 1 << 16;
/** Exit code of prlimit and setpriv: the program they were to become does not exist. */
const NO_SUCH_PROGRAM = 127;
/** A folder where relative names refer to none of our files. Windows has a root for each drive. */
const WORKING_FOLDER = process.platform === "win32" ? undefined : "/";

/**
 * Runs a program to its end, confined: the only way to run programs that read untrusted files and texts. It gets limits that
 * the kernel enforces, a minimal environment, and a working folder where relative names refer to nothing. The first event
 * decides: its own end, the signal, the deadline, a stall, or an error of the caller's streams. The program and its process
 * group have ended when this returns or throws. Its ending is returned, not judged.
 *
 * Throws PolyreelError `cancelled`, `exhausted` (deadline, stall), `unavailable` (the system starts no more programs), or the error
 * of the caller's streams.
 */
export async function runConfined(run: ConfinedRun): Promise<RunEnding> {
  const program = basename(run.program);
  try {
    const ending = await runToEnd(run);
    count("polyreel.program.exits", { program, outcome: outcomeOf(ending) });
    return ending;
  } catch (error) {
    count("polyreel.program.exits", { program, outcome: error instanceof PolyreelError ? error.code : "stopped" });
    throw error;
  }
}

const outcomeOf = ({ code, signal, missing }: RunEnding): string =>
  missing ? "missing" : code === 0 ? "ok" : code === null ? (signal ?? "not started") : "failed";

async function runToEnd(run: ConfinedRun): Promise<RunEnding> {
  const { program, path = program, signal, stdin, onProgress } = run;
  if (signal.aborted) throw cancelled(signal);
  const [command = path, ...guard] = await confinedArguments(path, run.bounds);
  const child = (run.spawn ?? nodeSpawn)(command, [...guard, ...run.args], {
    cwd: WORKING_FOLDER,
    detached: true, // It leads a process group, so that Ctrl-C reaches only us.
    env: childEnvironment(),
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe", ...(onProgress ? ["pipe" as const] : [])],
    windowsHide: true,
  });
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) return notStarted(program, await ended);
  holdUntilEnd(pid, ended);
  using dog = new Watchdog({ ...run, pid, progress: onProgress ? "reported" : "processor" });
  const endInput = () => child.stdin?.destroy(); // A program that waits for input may ignore SIGTERM.
  if (dog.stopped.aborted) endInput();
  else dog.stopped.addEventListener("abort", endInput, { once: true });
  let cpuSeconds = 0;
  try {
    const stderr = tailOf(child, run.onStderr);
    const look = () => {
      if (run.charged) cpuSeconds = processorSeconds(pid) ?? cpuSeconds;
    };
    const fail = (error: unknown) => dog.stop(error);
    const pipes = closeWhenQuiet(child);
    child.once("exit", () => dog.endGroup());
    const reading = readAll(child.stdout, (chunk) => {
      dog.moved();
      look();
      return pipes.taking(() => run.onStdout(chunk));
    }).catch(fail);
    const following = readAll(child.stdio[3] as Readable | null | undefined, (chunk) => {
      look();
      if (onProgress?.(chunk.toString("latin1"))) dog.moved();
    }).catch(fail);
    feed(child, stdin).catch(fail);
    const { code, by } = await ended;
    await Promise.all([reading, following]);
    if (dog.stopped.aborted) throw dog.stopped.reason;
    return { code, signal: by, missing: code === NO_SUCH_PROGRAM && guard.length > 0, stderr: stderr() };
  } finally {
    if (run.charged) charge(cpuSeconds);
    child.stdin?.destroy(); // This also ends the source that feeds it.
  }
}

interface End {
  code: number | null;
  by: NodeJS.Signals | null;
  /** The reason why it was not started. */
  error?: NodeJS.ErrnoException;
}

const endOf = (child: ChildProcess): Promise<End> =>
  new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve({ code: null, by: null, error });
    });
    child.once("close", (code, by) => resolve({ code, by }));
  });

function notStarted(program: string, { error }: End): RunEnding {
  if (error?.code === "ENOENT") return { code: null, signal: null, missing: true, stderr: "" };
  const reason = `${program} could not be started${error?.code ? ` (${error.code})` : ""}.`;
  const remedy = "See whether it may be executed, and whether the machine is at its limit of processes or open files.";
  throw new PolyreelError("unavailable", { reason, remedy }, { cause: error, outage: error?.code !== "EACCES" });
}

/** Reads standard error to its end; returns a function that gives its last bytes. */
function tailOf({ stderr }: ChildProcess, onText: ConfinedRun["onStderr"]): () => string {
  let tail = "";
  stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-STDERR_CHARACTERS);
    onText?.(text);
  });
  return () => tail;
}

async function readAll(
  stream: Readable | null | undefined,
  take: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  if (!stream) return;
  try {
    for await (const chunk of stream) await take(chunk as Buffer);
  } catch (error) {
    // A pipe that broke because the program ended carries no information: its ending does.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

async function feed({ stdin }: ChildProcess, bytes: ConfinedRun["stdin"]): Promise<void> {
  if (bytes === undefined || !stdin) return;
  try {
    await pipeline(typeof bytes === "string" ? [Buffer.from(bytes)] : bytes, stdin);
  } catch (error) {
    // It has read all it wanted, or has ended: its ending shows which.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPIPE" && code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}
