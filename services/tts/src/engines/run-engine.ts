import { spawn } from "node:child_process";
import { confinedArguments } from "@polyreel/platform/confined.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { holdUntilEnd } from "@polyreel/platform/orphans.js";
import { Watchdog } from "@polyreel/platform/watchdog.js";

export interface EngineRun {
  readonly program: string;
  /** Never text of a user's: what begins with "-" would be an option. */
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly signal: AbortSignal;
}

/** Engines speak a hundred times faster than people: an hour of speech in half a minute, on a machine with time for it. */
const DEADLINE_SECONDS = 180;
/** flite says and writes nothing until its end: the processor standing still. */
const STALL_SECONDS = 30;
/** Over an hour of speech. A number of 5,000 digits takes some. */
const MAX_OUTPUT_BYTES = 256 << 20;
/** What is printed: phones and times of a long text. */
const MAX_PRINTED = 8 << 20;

const LIMITS = {
  deadlineSeconds: DEADLINE_SECONDS,
  stallSeconds: STALL_SECONDS,
  progress: "processor",
  remedies: { late: "Use a shorter text.", stalled: "Try again; if it repeats, use another voice." },
} as const;

/**
 * Runs a speech program to its end and gives what it printed. Whatever happens first (its own end, the signal, the deadline,
 * no progress, too much output) decides; the program and its children are gone when this returns or throws.
 *
 * Throws PolyreelError `not_found` (not installed), `cancelled`, `exhausted` or `internal`.
 */
export async function runEngine({ program, args, stdin, signal }: EngineRun): Promise<string> {
  signal.throwIfAborted();
  const [command = program, ...guard] = await confinedArguments(program, { fileBytes: MAX_OUTPUT_BYTES });
  const child = spawn(command, [...guard, ...args], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<Ended>((resolve) => {
    child.once("error", () => resolve({ code: null, signal: null, missing: true }));
    child.once("close", (code, signal) => resolve({ code, signal, missing: false }));
  });
  const { pid } = child;
  if (pid === undefined) throw missing(program);
  holdUntilEnd(pid, ended);
  using dog = new Watchdog({ program, pid, signal, ...LIMITS });
  let printed = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.length > MAX_PRINTED) dog.stop(tooMuch(program));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-10_000);
  });
  child.stdin.on("error", () => {}); // it did not read it all: how it ended says why
  child.stdin.end(stdin ?? "");
  const ending = await ended;
  if (dog.stopped.aborted) throw dog.stopped.reason;
  if (ending.missing || wasMissing(ending.code, said)) throw missing(program);
  if (ending.signal === "SIGXFSZ") throw tooMuch(program); // the kernel bounds its files
  if (ending.code !== 0) throw failed(program, ending, said);
  return printed;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly missing: boolean;
}

/** setpriv, which may stand before the program, says by 127 that there is none of that name. */
const wasMissing = (code: number | null, said: string): boolean => code === 127 || /failed to execute/.test(said);

const missing = (program: string): PolyreelError => new PolyreelError("not_found", `${program} is not installed.`);

const tooMuch = (program: string): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${program} was stopped: it wrote more than it was allowed.`,
    remedy: "Use a shorter text.",
  });

const failed = (program: string, { code, signal }: Ended, said: string): PolyreelError =>
  new PolyreelError(
    "internal",
    { reason: `${program} failed.`, remedy: "The service's log has what it said." },
    { cause: new Error(`${program} ended by ${signal ?? `code ${code}`}\n${said}`) },
  );
