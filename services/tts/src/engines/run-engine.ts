import { PolyreelError } from "@polyreel/platform";
import { collectOutput, type RunEnding } from "@polyreel/platform/process";

export interface EngineRun {
  readonly program: string;
  /** Never a user's text: "-" would start an option. */
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Exit codes of success; 0 by default. */
  readonly exitCodes?: readonly number[];
  readonly signal: AbortSignal;
}

/**
 * Engines are about a hundred times faster than real time: an hour of speech takes half a minute on an idle machine.
 */
const DEADLINE_SECONDS = 180;
/** Time without CPU use: flite prints and writes nothing until its end. */
const STALL_SECONDS = 30;
/** More than an hour of speech: short texts may be long when spoken, such as a number of 5,000 digits. */
const MAX_OUTPUT_BYTES = 256 << 20;
/** Printed output: phones and times of a long text. */
const MAX_PRINTED_BYTES = 8 << 20;

const LIMITS = {
  deadlineSeconds: DEADLINE_SECONDS,
  stallSeconds: STALL_SECONDS,
  maxStdoutBytes: MAX_PRINTED_BYTES,
  bounds: { fileBytes: MAX_OUTPUT_BYTES },
  remedies: { late: "Use a shorter text.", stalled: "Try again; if it repeats, use another voice." },
} as const;

/**
 * Runs a speech program to its end and returns its output. The first of its exit, the signal, the deadline, a stall or
 * too much output decides; the program and its children have ended when this returns or throws.
 *
 * Throws PolyreelError `not_found` (not installed), `cancelled`, `exhausted` or `internal`.
 */
export async function runEngine(run: EngineRun): Promise<string> {
  const { program } = run;
  const ending = await collectOutput({ ...run, ...LIMITS, tooMuch: () => tooMuch(program) });
  if (ending.missing) throw missing(program);
  if (ending.signal === "SIGXFSZ") throw tooMuch(program); // The kernel's limit of file size.
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
