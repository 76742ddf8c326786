import { spawn } from "node:child_process";
import { childEnvironment } from "./child-environment.js";
import { type Bounds, confinedArguments } from "./confined.js";
import { holdUntilEnd } from "./orphans.js";
import { Watchdog, type Watched } from "./watchdog.js";

export interface ConfinedRun extends Pick<Watched, "signal" | "deadlineSeconds" | "stallSeconds" | "remedies"> {
  readonly program: string;
  /** Never text of a user's: what begins with "-" would be an option. */
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly bounds: Bounds;
  /** How much it may print. */
  readonly maxPrintedCharacters: number;
  /** What is thrown when it prints more. */
  readonly tooMuch: () => Error;
}

export interface RunEnding {
  /** null where a signal ended it, or it was not started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** There is no program of that name. */
  readonly missing: boolean;
  readonly printed: string;
  /** The last of what it said on its standard error. */
  readonly said: string;
}

const SAID_CHARACTERS = 10_000;

/**
 * Runs a program that reads what others give, to its end, confined. Whatever happens first (its own end, the signal, the
 * deadline, no use of the processor, too much output) decides; the program and its children are gone when this returns or
 * throws. How it ended is told, not judged. Throws what stopped it.
 */
export async function runConfined(run: ConfinedRun): Promise<RunEnding> {
  const { program, args, stdin = "", signal } = run;
  signal.throwIfAborted();
  const [command = program, ...guard] = await confinedArguments(program, run.bounds);
  const child = spawn(command, [...guard, ...args], {
    detached: true,
    env: childEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = new Promise<Pick<RunEnding, "code" | "signal" | "missing">>((resolve) => {
    child.once("error", () => resolve({ code: null, signal: null, missing: true }));
    child.once("close", (code, by) => resolve({ code, signal: by, missing: false }));
  });
  const { pid } = child;
  if (pid === undefined) return { ...(await ended), printed: "", said: "" };
  holdUntilEnd(pid, ended);
  using dog = new Watchdog({ ...run, pid, progress: "processor" });
  let printed = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.length > run.maxPrintedCharacters) dog.stop(run.tooMuch());
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS);
  });
  child.stdin.on("error", () => {}); // it did not read it all: how it ended says why
  child.stdin.end(stdin);
  const ending = await ended;
  if (dog.stopped.aborted) throw dog.stopped.reason;
  return { ...ending, missing: ending.missing || wasMissing(ending.code, said), printed, said };
}

/** setpriv, which may stand before the program, says by 127 that there is none of that name. */
const wasMissing = (code: number | null, said: string): boolean => code === 127 || /failed to execute/.test(said);
