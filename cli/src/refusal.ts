import type { PolyreelError } from "@polyreel/platform";
import { nearest } from "@polyreel/spec";
import { CommanderError } from "commander";
import { exitCodes } from "./exit-codes.js";
import { type Problem, ProblemsError } from "./problem.js";

/** Converts any error that ends the command into problems and an exit code. */
export function toProblems(error: unknown): { problems: readonly Problem[]; exitCode: number } {
  if (error instanceof ProblemsError) return error;
  if (error instanceof CommanderError) return { problems: [fromUsage(error)], exitCode: exitCodes.usage };
  if (isPolyreelError(error)) return { problems: [fromFailure(error.failure)], exitCode: exitCodeOf(error) };
  const text = error instanceof Error ? error.message : String(error);
  const remedy = "Run it again with LOG_LEVEL=debug to see more.";
  return { problems: [{ what: `Something went wrong inside Polyreel: ${text}`, remedy }], exitCode: exitCodes.failed };
}

/** Converts a service's failure into a problem. */
export function fromFailure(failure: PolyreelError["failure"]): Problem {
  const { block, choice, field, reason, remedy } = failure;
  const where = { ...(field && { field }), ...(block && { block }), ...(choice && { choice }) };
  return { what: reason, where, ...(remedy && { remedy }) };
}

/** Compared by name, so that no service code is imported in the normal case. */
const isPolyreelError = (error: unknown): error is PolyreelError =>
  error instanceof Error && error.name === "PolyreelError" && "failure" in error;

function exitCodeOf({ code }: PolyreelError): number {
  if (code === "cancelled") return exitCodes.interrupted;
  return code === "invalid" || code === "not_found" || code === "conflict" ? exitCodes.usage : exitCodes.failed;
}

/** commander says "error: unknown option '--jsn'\n(Did you mean --json?)". */
function fromUsage({ message }: CommanderError): Problem {
  const [text = "", hint] = message.replace(/^error: /, "").split(/\n\(|\)$/);
  const what = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return {
    what: what.endsWith(".") ? what : `${what}.`,
    remedy: hint ?? meantChoice(text) ?? "See `polyreel help` and `polyreel help <command>`.",
  };
}

/** commander says "option '--state <state>' argument 'faild' is invalid. Allowed choices are planned, failed." */
function meantChoice(text: string): string | undefined {
  const said = /(argument|value) '(?<given>.*)' is invalid.* Allowed choices are (?<choices>.*)\.$/.exec(text)?.groups;
  const meant = said && nearest(said.given ?? "", (said.choices ?? "").split(", "));
  return meant && `Did you mean ${meant}?`;
}
