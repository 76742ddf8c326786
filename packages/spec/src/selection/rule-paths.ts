import type { Expr } from "./rule-syntax.js";

/** One name of a path, and the node of the rule that it stands at. */
export interface PathStep {
  readonly name: string;
  readonly node: bigint;
}

/** `a.b["c"]` as its steps; undefined for what is no such path. */
export function pathOf({ id, exprKind }: Expr): PathStep[] | undefined {
  if (exprKind.case === "identExpr") return [{ name: exprKind.value.name, node: id }];
  if (exprKind.case === "selectExpr") {
    const parent = exprKind.value.operand && pathOf(exprKind.value.operand);
    return parent && [...parent, { name: exprKind.value.field, node: id }];
  }
  if (exprKind.case !== "callExpr" || exprKind.value.function !== "_[_]") return undefined;
  const [from, key] = exprKind.value.args;
  const parent = from && pathOf(from);
  const name = key && textOf(key);
  return parent && name !== undefined ? [...parent, { name, node: id }] : undefined;
}

/** The text that a node is, in quotes; undefined for all others. */
export const textOf = ({ exprKind }: Expr): string | undefined =>
  exprKind.case === "constExpr" && exprKind.value.constantKind.case === "stringValue"
    ? exprKind.value.constantKind.value
    : undefined;

/** Whether a node is what `has()` asks. */
export const isTest = ({ exprKind }: Expr): boolean => exprKind.case === "selectExpr" && exprKind.value.testOnly;
