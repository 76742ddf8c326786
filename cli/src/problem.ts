import type { Problem, Where } from "@polyreel/spec/batch-file";

export type { Problem, Where } from "@polyreel/spec/batch-file";

/**
 * The block that a batch's inputs belong to. Same value as in the contract, which is not imported here so that usage
 * errors stay fast.
 */
const INPUT_BLOCK = "input";

/** The command cannot continue. Lists every known problem at once. */
export class ProblemsError extends Error {
  override readonly name = "ProblemsError";

  constructor(
    readonly problems: readonly Problem[],
    readonly exitCode: number,
    options?: ErrorOptions,
  ) {
    super(problems.map((problem) => problem.what).join("; "), options);
  }
}

/** `file:line:column  field  (output "web", block "hook", choice "flower")`, or `(input "talk")`, as far as known. */
export function formatWhere({ file, line, column, field, block, choice, output, row }: Where): string {
  const position = file && [file, line, line && column].filter((part) => part !== undefined).join(":");
  const isInput = block === INPUT_BLOCK && choice !== undefined && choice !== "";
  const named = isInput
    ? [`input ${JSON.stringify(choice)}`]
    : [block && `block ${JSON.stringify(block)}`, choice && `choice ${JSON.stringify(choice)}`];
  const names = [output && `output ${JSON.stringify(output)}`, ...named, row].filter(Boolean).join(", ");
  return [position, field, names && `(${names})`].filter(Boolean).join("  ");
}

/** Formats one problem in the format shared by all errors, without a final line feed. */
export function formatProblem(problem: Problem, paint: (text: string) => string = (text) => text): string {
  const where = problem.where ? formatWhere(problem.where) : "";
  return [
    `${paint("error:")} ${problem.what}`,
    ...(where ? [`  where: ${where}`] : []),
    ...(problem.remedy ? [`  remedy: ${problem.remedy}`] : []),
  ].join("\n");
}
