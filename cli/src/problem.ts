/** The block whose choices a batch's inputs are: as the contract has it, which is not loaded for a mistyped flag. */
const INPUT_BLOCK = "input";

/** Where something is wrong: in a file, in the batch, or both. Line and column count from 1. */
export interface Where {
  file?: string;
  line?: number;
  column?: number;
  /** Path of the field, as in `blocks[1].text.over[0]`. */
  field?: string;
  block?: string;
  choice?: string;
}

/** What people are told when something can't be done: what is wrong, where, and what to do about it. */
export interface Problem {
  what: string;
  where?: Where;
  remedy?: string;
}

/** The command can't go on. Everything that is known to be wrong, at once. */
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

/** `file:line:column  field  (block "hook", choice "flower")`, or `(input "talk")`, of what is known. */
export function formatWhere({ file, line, column, field, block, choice }: Where): string {
  const position = file && [file, line, line && column].filter((part) => part !== undefined).join(":");
  const isInput = block === INPUT_BLOCK && choice !== undefined && choice !== "";
  const named = isInput
    ? [`input ${JSON.stringify(choice)}`]
    : [block && `block ${JSON.stringify(block)}`, choice && `choice ${JSON.stringify(choice)}`];
  const names = named.filter(Boolean).join(", ");
  return [position, field, names && `(${names})`].filter(Boolean).join("  ");
}

/** One problem in the one shape all errors have. No line feed at the end. */
export function formatProblem(problem: Problem, paint: (text: string) => string = (text) => text): string {
  const where = problem.where ? formatWhere(problem.where) : "";
  return [
    `${paint("error:")} ${problem.what}`,
    ...(where ? [`  where: ${where}`] : []),
    ...(problem.remedy ? [`  remedy: ${problem.remedy}`] : []),
  ].join("\n");
}
