import { type ConfinedRun, type RunEnding, runConfined } from "@polyreel/platform/process";
import { step } from "@polyreel/platform/telemetry";
import { findProgram, type Program, spawnProgram } from "./child.js";
import { lostLastBytes, programError } from "./failure.js";
import { LineReader } from "./line-reader.js";

export type Ending = Omit<RunEnding, "missing">;

type Shared = Pick<ConfinedRun, "signal" | "deadlineSeconds" | "stallSeconds" | "stdin" | "onStdout" | "onProgress">;

export interface ProgramRun extends Shared {
  /** What its files may hold. */
  maxFileBytes: number;
  /** Receives every line of its stderr, of which the ending has only the last ones. */
  onMessage?: ((line: string) => void) | undefined;
  /** What its span shows at its end, successful or not. */
  describe?: () => Readonly<Record<string, number>>;
}

const REMEDIES = {
  late: "Use a shorter or smaller source, or give the work more time.",
  stalled: "The source may be damaged: check that it plays through.",
};

/**
 * Runs ffmpeg or ffprobe to its end in a span, confined, and charges its CPU time, which is known as of its last output: ffmpeg and
 * ffprobe write just before they end. Throws PolyreelError `unavailable` if it is missing, and like `runConfined` and
 * `programError`.
 */
export function runProgram(program: Program, args: readonly string[], run: ProgramRun): Promise<Ending> {
  const { maxFileBytes, onMessage, describe, ...shared } = run;
  return step(program, async (span) => {
    const lines = onMessage && new LineReader(onMessage);
    try {
      const ending = await runConfined({
        ...shared,
        program,
        path: await findProgram(program),
        args,
        bounds: { fileBytes: maxFileBytes },
        remedies: REMEDIES,
        onStderr: lines && ((text) => lines.push(Buffer.from(text))),
        charged: true,
        spawn: spawnProgram,
      });
      if (ending.code !== null) span.setAttribute("process.exit.code", ending.code);
      if (ending.signal) span.setAttribute("polyreel.program.signal", ending.signal);
      if (ending.code !== 0 || lostLastBytes(ending)) throw programError(program, args, ending);
      return ending;
    } finally {
      if (describe && span.isRecording()) span.setAttributes(describe());
    }
  });
}
