import { continueBatch, sampleBatch, unitOf } from "@polyreel/spec/batch-file";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { readBatchFile } from "../read-batch-file.js";
import type { Terminal } from "../terminal/terminal.js";
import { estimateLines } from "./estimate-text.js";
import { type EstimatorOptions, withEstimator } from "./estimator.js";
import { plainEstimate } from "./plain-estimate.js";

export interface EstimateOptions extends EstimatorOptions {
  file: string;
  sample?: number;
  continue?: string;
  json?: boolean | undefined;
}

/** `polyreel estimate`: prints what a batch would cost and produce, and what would fail. Returns the exit code. */
export async function estimateCommand(options: EstimateOptions, terminal: Terminal): Promise<number> {
  const batchFile = await readBatchFile(options.file);
  if (options.continue !== undefined) continueBatch(batchFile.batch, options.continue);
  if (options.sample !== undefined) sampleBatch(batchFile.batch, options.sample);
  return interruptible(terminal, async (signal) => {
    const estimate = await withEstimator(options, (estimator) => estimator(batchFile, undefined, signal));
    const machine = options.server === undefined ? "this machine" : "the server";
    const [first = "", ...rest] = estimateLines(estimate, batchFile.locate, machine, unitOf(batchFile));
    const text = [terminal.paintResult("bold", first), ...rest].join("\n");
    await terminal.print(`${options.json ? JSON.stringify(plainEstimate(estimate)) : text}\n`);
    return estimate.failing > 0n ? exitCodes.failed : exitCodes.delivered;
  });
}
