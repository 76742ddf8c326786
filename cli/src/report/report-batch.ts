import { BatchState, type BatchStatus, CombinationState, type CombinationStatus } from "@polyreel/contract";
import { type BatchFile, unitOf } from "@polyreel/spec/batch-file";
import type { FinishedBatch } from "../client/finished-batch.js";
import { exitCodes } from "../exit-codes.js";
import type { Terminal } from "../terminal/terminal.js";
import { groupFailures, groupWarnings } from "./failure-groups.js";
import { printJson } from "./json.js";
import { summarize } from "./summary.js";

export interface ReportOptions {
  json?: boolean | undefined;
  /** Folder of the outputs; undefined for a remote server. */
  folder?: string;
  /** Address of a server that keeps serving them. */
  server?: string;
  batchFile?: BatchFile;
}

/** Prints the result of a batch. Returns the exit code. */
export async function reportBatch(batch: FinishedBatch, options: ReportOptions, terminal: Terminal): Promise<number> {
  const { status } = batch;
  const { json, folder, server, batchFile } = options;
  if (json) {
    await printJson(batch, { folder, server }, terminal);
  } else {
    const failures = await groupFailures(batch);
    const warnings = await groupWarnings(batch);
    const first = await firstDelivered(batch);
    const virtual = first && !first.path ? (server ? server + first.urlPath : "") : undefined;
    const remote = first?.path && server !== undefined ? first.location || first.path : undefined;
    const locate = batchFile?.locate;
    const unit = batchFile && unitOf(batchFile);
    const summary = { status, unit, failures, warnings, folder, virtual, remote, ...(locate ? { locate } : {}) };
    const [result = "", ...rest] = summarize(summary);
    await terminal.print([terminal.paintResult("bold", result), ...rest, ""].join("\n"));
  }
  return succeeded(status) ? exitCodes.delivered : exitCodes.failed;
}

/** Nothing failed or was cancelled. */
function succeeded({ state, combinations }: BatchStatus): boolean {
  const { delivered = 0n, rejected = 0n, failed = 0n, total = 0n } = combinations ?? {};
  if (state === BatchState.AWAITING_APPROVAL) return failed === 0n;
  return state === BatchState.FINISHED && delivered + rejected === total;
}

async function firstDelivered(batch: FinishedBatch): Promise<CombinationStatus | undefined> {
  for await (const one of batch.combinations(CombinationState.DELIVERED)) return one;
  return undefined;
}
