import { type ChildProcess, spawn as nodeSpawn, type SpawnOptions } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PolyreelError } from "../errors.js";
import { charge } from "./charge.js";
import { childEnvironment } from "./child-environment.js";
import { type Bounds, confinedArguments } from "./confined.js";
import { holdUntilEnd } from "./orphans.js";
import { closeWhenQuiet } from "./outlived-pipes.js";
import { cancelled, processorSeconds, Watchdog, type Watched } from "./watchdog.js";

type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface ConfinedRun extends Pick<Watched, "signal" | "deadlineSeconds" | "stallSeconds" | "remedies"> {
  /** Its name: in messages, and on the PATH unless `path` is given. */
  readonly program: string;
  readonly path?: string;
  /** Never text of a user's: what begins with "-" would be an option. */
  readonly args: readonly string[];
  readonly bounds: Bounds;
  readonly stdin?: string | Bytes | undefined;
  /** Takes its standard output; the program waits meanwhile. An error thrown here ends the program, and the run with it. */
  readonly onStdout: (chunk: Buffer) => void | Promise<void>;
  /** Gets all of its standard error, of which the ending has only the last. */
  readonly onStderr?: ((text: string) => void) | undefined;
  /** Gets what it writes to descriptor 3, and returns whether it made progress. Without it, use of the processor is progress. */
  readonly onProgress?: ((text: string) => boolean) | undefined;
  /**
   * Charge its CPU, as it was when it last wrote something: for programs that write something just before they end. Others
   * would be charged a part of the truth.
   */
  readonly charged?: boolean;
  /** Starts the program; Node's own unless a library does it. */
  readonly spawn?: (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
}

export interface RunEnding {
  /** null where a signal ended it, or it was not started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** There is no program of that name. */
  readonly missing: boolean;
  /** The last of its standard error. */
  readonly stderr: string;
}

const STDERR_CHARACTERS = 1 << 16;
/** Of prlimit and setpriv: there is no program of the name that they were to become. */
const NO_SUCH_PROGRAM = 127;
/** Where relative names mean nothing of ours. Windows has a root for each drive. */
const WORKING_FOLDER = process.platform === "win32" ? undefined : "/";

/**
 * Runs a program to its end, confined: the one way to run programs that read files and texts of others. It gets bounds that the
 * kernel keeps, a minimal environment, and a working folder where relative names lead nowhere. Whatever happens first (its own
 * end, the signal, the deadline, a stall, an error of the caller's streams) decides. The program and all that it started in its
 * process group are gone when this returns or throws. How it ended is returned, not judged.
 *
 * Throws PolyreelError `cancelled`, `exhausted` (deadline, stall), `unavailable` (the system starts no more programs), or what
 * the caller's streams threw.
 */
export async function runConfined(run: ConfinedRun): Promise<RunEnding> {
  const { program, path = program, signal, stdin, onProgress } = run;
  if (signal.aborted) throw cancelled(signal);
  const [command = path, ...guard] = await confinedArguments(path, run.bounds);
  const child = (run.spawn ?? nodeSpawn)(command, [...guard, ...run.args], {
    cwd: WORKING_FOLDER,
    detached: true, // leads a process group; a Ctrl-C reaches us alone
    env: childEnvironment(),
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe", ...(onProgress ? ["pipe" as const] : [])],
    windowsHide: true,
  });
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) return notStarted(program, await ended);
  holdUntilEnd(pid, ended);
  using dog = new Watchdog({ ...run, pid, progress: onProgress ? "told" : "processor" });
  const letGo = () => child.stdin?.destroy(); // a program that waits for input may ignore SIGTERM
  if (dog.stopped.aborted) letGo();
  else dog.stopped.addEventListener("abort", letGo, { once: true });
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
    child.stdin?.destroy(); // and with it whatever still feeds it
  }
}

interface End {
  code: number | null;
  by: NodeJS.Signals | null;
  /** Why it was not started. */
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

/** Reads standard error to its end; returns how to get the last of it. */
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
    // A pipe that broke because the program went away tells nothing: how the program ended does.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

async function feed({ stdin }: ChildProcess, bytes: ConfinedRun["stdin"]): Promise<void> {
  if (bytes === undefined || !stdin) return;
  try {
    await pipeline(typeof bytes === "string" ? [Buffer.from(bytes)] : bytes, stdin);
  } catch (error) {
    // It has read all it wanted, or is gone: how it ended says which.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPIPE" && code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}
