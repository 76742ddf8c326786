import type { Failure } from "@polyreel/contract";
import { formatWhere, type Where } from "../problem.js";
import { formatCount } from "../terminal/numbers.js";

/** Locates a failed block or choice in the batch file. */
export type LocateFailure = (failure: { field?: string; block: string; choice: string; made?: boolean }) => Where;

/** A number of combinations that fail for the same reason, as lines of text; `about`: the number is extrapolated. */
export function failureLines(
  {
    failure,
    combinations,
    about = false,
  }: { failure?: Failure | undefined; combinations: number | bigint; about?: boolean },
  locate: LocateFailure | undefined,
): string[] {
  const { block = "", choice = "", field = "", reason = "", remedy = "" } = failure ?? {};
  const isOutput = field.startsWith("outputs[");
  const located = block || isOutput ? locate?.({ field, block, choice, made: true }) : undefined;
  const where = formatWhere({ ...(isOutput && { field }), ...located, block, choice });
  return [
    `  ${about ? "about " : ""}${formatCount(combinations)} × ${reason}`,
    ...(where ? [`      where: ${where}`] : []),
    ...(remedy ? [`      remedy: ${remedy}`] : []),
  ];
}
