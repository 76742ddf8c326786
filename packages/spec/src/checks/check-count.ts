import type { Batch, Failure } from "@polyreel/contract";
import { combinationCount } from "../combination-count.js";
import { hasInputs } from "../inputs.js";
import { failureOf, type Mistake, SpecError } from "../mistake.js";
import { RuleMeter } from "../selection/rule-meter.js";
import { type Selected, type Selection, selectionOf } from "../selection/selection.js";
import { checkFixedKeys } from "./check-fixed-keys.js";

/**
 * Counts the combinations of an otherwise valid normalised batch; returns mistakes if there are none, more than
 * allowed, or several for a fixed key. `earlier`: the samples that it continues, oldest first. Rules are evaluated in
 * slices, so that the event loop is not blocked.
 */
export async function checkCount(
  batch: Batch,
  earlier: readonly Batch[],
  { maxCombinations, signal }: { maxCombinations: number; signal: AbortSignal },
): Promise<{ combinations: number; failures: Failure[] }> {
  try {
    const selection = selectionOf(batch, earlier);
    const combinations = await selection.count(signal);
    const mistakes =
      combinations === 0
        ? [await nothingLeft(batch, signal)]
        : combinations > maxCombinations
          ? [tooMany(batch, combinations, maxCombinations)]
          : combinations > 1
            ? checkFixedKeys(batch, firstTwo(selection))
            : [];
    return { combinations, failures: mistakes.map((mistake) => failureOf(mistake)) };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { combinations: 0, failures: error.mistakes.map((mistake) => failureOf(mistake)) };
  }
}

function* firstTwo(selection: Selection): Generator<Selected> {
  let count = 0;
  for (const selected of selection.combinations()) {
    yield selected;
    if (++count === 2) return;
  }
}

async function nothingLeft({ sample: _, ...batch }: Batch, signal: AbortSignal): Promise<Mistake> {
  const meter = new RuleMeter(); // As much as the count itself may take.
  for (const [index, rule] of batch.where.entries()) {
    if (!(await isNeverTrue({ ...batch, where: [rule] }, meter, signal))) continue;
    return {
      field: `where[${index}]`,
      reason: "The rule is true for no combination.",
      remedy: "Rules decide which combinations exist: one that is never true leaves none.",
    };
  }
  if (batch.continues && (await selectionOf(batch).count(signal)) > 0) {
    return {
      field: "continues",
      reason: "The batches that it continues make all combinations already.",
      remedy: "There is nothing left to make: leave continues out to make them again.",
    };
  }
  return {
    field: "where",
    reason: "The rules leave no combination: each is true for some, and all together for none.",
    remedy: "Take out a rule, or join two by || where either is enough.",
  };
}

/** Whether a rule of the batch excludes every combination; false if that takes too long to determine. */
async function isNeverTrue(batch: Batch, meter: RuleMeter, signal: AbortSignal): Promise<boolean> {
  if (meter.isEmpty) return false;
  try {
    return (await selectionOf(batch, [], meter).count(signal)) === 0;
  } catch (error) {
    if (error instanceof SpecError) return false;
    throw error;
  }
}

function tooMany(batch: Batch, combinations: number, maxCombinations: number): Mistake {
  // Without rules and sample the number is exact, however large.
  const whole = batch.where.length === 0 && !batch.sample && !batch.continues;
  const exact = whole ? combinationCount(batch) : BigInt(combinations);
  const digits = (value: number | bigint) => value.toLocaleString("en-US");
  const shown = exact < 10n ** 15n ? digits(exact) : `about 10^${String(exact).length - 1}`;
  const limit = `the limit is ${digits(maxCombinations)}`;
  if (hasInputs(batch)) {
    const remedy = "Make only a sample of them, or split the batch.";
    return { field: "inputs", reason: `The batch has ${shown} inputs; ${limit}.`, remedy };
  }
  return {
    field: "blocks",
    reason: `The blocks make ${shown} combinations; ${limit}.`,
    remedy: "Take choices or blocks out, make only a sample of them, or split the batch.",
  };
}
