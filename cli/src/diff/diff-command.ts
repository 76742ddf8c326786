import { combinationId } from "@polyreel/planning/plan";
import { normalizeBatch } from "@polyreel/spec";
import { choicesByBlock } from "@polyreel/spec/rows";
import { selectionOf } from "@polyreel/spec/selection";
import { type EstimatorOptions, withEstimator } from "../estimate/estimator.js";
import { plainEstimate } from "../estimate/plain-estimate.js";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { readBatchFile } from "../read-batch-file.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Choices, compareBatches } from "./compare-batches.js";
import { type Diff, diffLines } from "./diff-text.js";

export interface DiffOptions extends EstimatorOptions {
  old: string;
  file: string;
  json?: boolean | undefined;
}

/** Limit on the combinations of both batches together: comparing this many takes seconds and about 100 MB. */
const MAX_COMPARED = 200_000;

/** `polyreel diff`: prints what a batch makes beyond another one. Returns the exit code. */
export async function diffCommand(options: DiffOptions, terminal: Terminal): Promise<number> {
  const [before, after] = await Promise.all([readBatchFile(options.old), readBatchFile(options.file)]);
  // Whole batches are compared; parts that a sample made are reused in any case.
  for (const { batch } of [before, after]) batch.continues = "";
  return interruptible(terminal, async (signal) => {
    // Estimating comes first: it binds the sources and refuses an invalid batch.
    const estimate = await withEstimator(options, (estimator) => estimator(after, before, signal));
    const oldCombinations = await selectionOf(normalizeBatch(before.batch)).count(signal);
    const isComparable = oldCombinations + Number(estimate.combinations) <= MAX_COMPARED;
    const comparison = isComparable ? await compareBatches(before.batch, after.batch, signal) : undefined;
    const diff = { old: options.old, estimate, comparison, oldCombinations };
    const [first = "", ...rest] = diffLines(diff, after.locate);
    const text = [terminal.paintResult("bold", first), ...rest].join("\n");
    await terminal.print(`${options.json ? JSON.stringify(plainDiff(diff)) : text}\n`);
    return exitCodes.delivered;
  });
}

function plainDiff({ estimate, comparison, oldCombinations }: Diff): object {
  const plain = (combinations: readonly Choices[]) =>
    combinations.map((choices) => ({
      id: combinationId(choices),
      choices: choicesByBlock(choices),
    }));
  return {
    ...plainEstimate(estimate),
    before: { combinations: oldCombinations },
    ...(comparison && {
      kept: comparison.kept,
      changed: plain(comparison.changed),
      added: plain(comparison.added),
      removed: plain(comparison.removed),
    }),
  };
}
