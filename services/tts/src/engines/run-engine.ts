import { PolyreelError } from "@polyreel/platform";
import { collectOutput, type RunEnding } from "@polyreel/platform/process";

export interface EngineRun {
  readonly program: string;
  /** Never text of a user's: what begins with "-" would be an option. */
  readonly args: readonly string[];
  readonly stdin?: string;
  /** With which it has succeeded; 0 where left out. */
  readonly exitCodes?: readonly number[];
  readonly signal: AbortSignal;
}

/** Engines speak a hundred times faster than people: an hour of speech in half a minute, on a machine with time for it. */
const DEADLINE_SECONDS = 180;
/** flite says and writes nothing until its end: the processor standing still. */
const STALL_SECONDS = 30;
/** Over an hour of speech. A number of 5,000 digits takes some. */
const MAX_OUTPUT_BYTES = 256 << 20;
/** What is printed: phones and times of a long text. */
const MAX_PRINTED_BYTES = 8 << 20;

const LIMITS = {
  deadlineSeconds: DEADLINE_SECONDS,
  stallSeconds: STALL_SECONDS,
  maxStdoutBytes: MAX_PRINTED_BYTES,
  bounds: { fileBytes: MAX_OUTPUT_BYTES },
  remedies: { late: "Use a shorter text.", stalled: "Try again; if it repeats, use another voice." },
} as const;

/**
 * Runs a speech program to its end and gives what it printed. Whatever happens first (its own end, the signal, the deadline,
 * no progress, too much output) decides; the program and its children are gone when this returns or throws.
 *
 * Throws PolyreelError `not_found` (not installed), `cancelled`, `exhausted` or `internal`.
 */
export async function runEngine(run: EngineRun): Promise<string> {
  const { program } = run;
  const ending = await collectOutput({ ...run, ...LIMITS, tooMuch: () => tooMuch(program) });
  if (ending.missing) throw missing(program);
  if (ending.signal === "SIGXFSZ") throw tooMuch(program); // the kernel bounds its files
  const { exitCodes = [0] } = run;
  if (ending.code === null || !exitCodes.includes(ending.code)) throw failed(program, ending);
  return ending.stdout;
}

const missing = (program: string): PolyreelError => new PolyreelError("not_found", `${program} is not installed.`);

const tooMuch = (program: string): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${program} was stopped: it wrote more than it was allowed.`,
    remedy: "Use a shorter text.",
  });

const failed = (program: string, { code, signal, stderr }: RunEnding): PolyreelError =>
  new PolyreelError(
    "internal",
    { reason: `${program} failed.`, remedy: "See its output in the service's log." },
    { cause: new Error(`${program} ended by ${signal ?? `code ${code}`}\n${stderr}`) },
  );
