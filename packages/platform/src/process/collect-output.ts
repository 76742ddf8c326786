import { type ConfinedRun, type RunEnding, runConfined } from "./run-confined.js";

export interface CollectingRun extends Omit<ConfinedRun, "onStdout"> {
  readonly maxStdoutBytes: number;
  /** Creates the error to throw when it prints more. */
  readonly tooMuch: () => Error;
}

/** Runs a program like `runConfined`, and also returns its output. Throws `tooMuch` if that exceeds the limit. */
export async function collectOutput(run: CollectingRun): Promise<RunEnding & { readonly stdout: string }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const ending = await runConfined({
    ...run,
    onStdout: (chunk) => {
      bytes += chunk.length;
      if (bytes > run.maxStdoutBytes) throw run.tooMuch();
      chunks.push(chunk);
    },
  });
  return { ...ending, stdout: Buffer.concat(chunks).toString("utf8") };
}
