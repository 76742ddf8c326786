import { BatchState } from "@polyreel/contract";
import type { BatchFile } from "../batch-file/read.js";
import type { FinishedBatch } from "../client/finished-batch.js";
import { exitCodes } from "../exit-codes.js";
import type { Terminal } from "../terminal/terminal.js";
import { groupFailures } from "./failure-groups.js";
import { printJson } from "./json.js";
import { summarize } from "./summary.js";

export interface ReportOptions {
  json?: boolean | undefined;
  /** Where outputs lie; unknown for a server elsewhere. */
  folder?: string;
  batchFile?: BatchFile;
}

/** Prints what became of a batch; gives the exit code. */
export async function reportBatch(batch: FinishedBatch, options: ReportOptions, terminal: Terminal): Promise<number> {
  const { status } = batch;
  const { json, folder, batchFile } = options;
  if (json) {
    await printJson(batch, folder, terminal);
  } else {
    const failures = await groupFailures(batch);
    const locate = batchFile?.locate;
    const [first = "", ...rest] = summarize({ status, failures, folder, ...(locate ? { locate } : {}) });
    await terminal.print([terminal.paintResult("bold", first), ...rest, ""].join("\n"));
  }
  const { delivered = 0n, total = 0n } = status.combinations ?? {};
  const whole = status.state === BatchState.FINISHED && delivered === total;
  return whole ? exitCodes.delivered : exitCodes.failed;
}
