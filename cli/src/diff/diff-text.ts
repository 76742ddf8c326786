import type { EstimateBatchResponse } from "@polyreel/contract";
import { failingLines, type Locate, partLines, unknownLines } from "../estimate/estimate-text.js";
import { row } from "../estimate/row.js";
import { counted, formatCount, formatSeconds } from "../terminal/numbers.js";
import type { Choices, Comparison } from "./compare-batches.js";

const MAX_SHOWN = 5;

export interface Diff {
  readonly old: string;
  /** Of the new batch; parts of the old one count as existing. */
  readonly estimate: EstimateBatchResponse;
  /** Undefined if there are too many combinations to compare. */
  readonly comparison: Comparison | undefined;
  readonly oldCombinations: number;
}

/** Describes what a new batch makes beyond an old one, as lines of text. */
export function diffLines({ old, estimate, comparison, oldCombinations }: Diff, locate: Locate): string[] {
  const { combinations, clipSeconds, predictedSeconds } = estimate;
  return [
    `${counted(combinations, "video")}, where ${old} makes ${formatCount(oldCombinations)}`,
    ...(comparison ? comparisonLines(comparison) : [row("combinations", "too many to compare one by one")]),
    ...partLines(estimate, `there already, or made by ${old}`),
    row("encoding", `${formatSeconds(clipSeconds)} of picture`),
    row("time", `about ${formatSeconds(predictedSeconds)}`),
    ...unknownLines(estimate, locate),
    ...failingLines(estimate, locate),
  ];
}

const comparisonLines = ({ kept, changed, added, removed }: Comparison): string[] => [
  row("kept", formatCount(kept)),
  ...someOf("changed", changed),
  ...someOf("added", added),
  ...someOf("removed", removed),
];

function someOf(what: string, combinations: readonly Choices[]): string[] {
  const more = combinations.length - MAX_SHOWN;
  return [
    row(what, formatCount(combinations.length)),
    ...combinations.slice(0, MAX_SHOWN).map((choices) => row("", choices.map(describeChoice).join("  "))),
    ...(more > 0 ? [row("", `and ${formatCount(more)} more`)] : []),
  ];
}

const describeChoice = ({ block, choice }: Choices[number]): string =>
  `${block}=${/\s/.test(choice) ? JSON.stringify(choice) : choice}`;
