import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { guardArguments, holdUntilEnd, signalGroup } from "@polyreel/platform/orphans.js";

export interface EngineRun {
  readonly program: string;
  /** Never text of a user's: what begins with "-" would be an option. */
  readonly args: readonly string[];
  readonly stdin?: string;
  /** The file it writes; it is stopped when that grows too large. */
  readonly output?: string;
  readonly signal: AbortSignal;
}

/** Engines speak a hundred times faster than people, or hang. */
const DEADLINE_MS = 60_000;
/** Over an hour of speech. A number of 5,000 digits takes some. */
const MAX_OUTPUT_BYTES = 256 << 20;
const LOOK_MS = 200;
/** What is printed: phones and times of a long text. */
const MAX_PRINTED = 8 << 20;

/**
 * Runs a speech program to its end and gives what it printed. Whatever happens first (its own end, the signal, the deadline,
 * too much output) decides; the program and its children are gone when this returns or throws.
 *
 * Throws PolyreelError `not_found` (not installed), `cancelled`, `exhausted` or `internal`.
 */
export async function runEngine({ program, args, stdin, output, signal }: EngineRun): Promise<string> {
  signal.throwIfAborted();
  const [command = program, ...guard] = await guardArguments(program);
  const child = spawn(command, [...guard, ...args], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<{ code: number | null; missing: boolean }>((resolve) => {
    child.once("error", () => resolve({ code: null, missing: true }));
    child.once("close", (code) => resolve({ code, missing: false }));
  });
  const { pid } = child;
  if (pid !== undefined) holdUntilEnd(pid, ended);
  let cause: PolyreelError | undefined;
  const stop = (because: PolyreelError) => {
    cause ??= because;
    if (pid !== undefined) signalGroup(pid, "SIGKILL");
  };
  const tooMuch = () => stop(new PolyreelError("exhausted", `${program} was stopped: it wrote without end.`));
  const onAbort = () => stop(cancelled(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  const deadline = setTimeout(() => stop(tooLong(program)), DEADLINE_MS);
  const look = setInterval(async () => {
    const found = output && (await stat(output).catch(() => undefined));
    if (found && found.size > MAX_OUTPUT_BYTES) tooMuch();
  }, LOOK_MS);
  let printed = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.length > MAX_PRINTED) tooMuch();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-10_000);
  });
  child.stdin.on("error", () => {}); // it did not read it all: how it ended says why
  child.stdin.end(stdin ?? "");
  try {
    const { code, missing } = await ended;
    if (cause) throw cause;
    if (missing || wasMissing(code, said)) throw new PolyreelError("not_found", `${program} is not installed.`);
    if (code !== 0) throw failed(program, code, said);
    return printed;
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(deadline);
    clearInterval(look);
  }
}

/** setpriv, which may stand before the program, says by 127 that there is none of that name. */
const wasMissing = (code: number | null, said: string): boolean => code === 127 || /failed to execute/.test(said);

const cancelled = ({ reason }: AbortSignal): PolyreelError =>
  reason instanceof PolyreelError ? reason : new PolyreelError("cancelled", "It was cancelled.", { cause: reason });

const tooLong = (program: string): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${program} was stopped: it spoke for longer than ${DEADLINE_MS / 1000} s.`,
    remedy: "Use a shorter text.",
  });

const failed = (program: string, code: number | null, said: string): PolyreelError =>
  new PolyreelError(
    "internal",
    { reason: `${program} failed.`, remedy: "The service's log has what it said." },
    { cause: new Error(`${program} exited with ${code}\n${said}`) },
  );
