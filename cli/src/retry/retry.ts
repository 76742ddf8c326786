import type { FailureCode } from "@polyreel/contract";
import { type ReworkOptions, rework } from "../client/rework.js";
import type { Terminal } from "../terminal/terminal.js";
import { findMissing } from "./find-missing.js";
import { SubmittedFrom } from "./submitted-from.js";

export interface RetryOptions extends ReworkOptions {
  /** The batch file. */
  readonly file?: string;
  readonly failureCodes: FailureCode[];
  /** Where this machine remembers which files batches were submitted from. */
  readonly submittedFolder: string;
}

/** Retries what failed, with files that were missing and are there now. Returns the exit code. */
export function retry(
  { failureCodes, submittedFolder, ...options }: RetryOptions,
  terminal: Terminal,
): Promise<number> {
  const submittedFrom = new SubmittedFrom(submittedFolder);
  return rework(
    options,
    async (connection, request, signal) => {
      const sources = await findMissing(options, connection, { terminal, submittedFrom, signal });
      return connection.batches.retryBatch({ ...request, failureCodes, sources }, { signal });
    },
    terminal,
  );
}
