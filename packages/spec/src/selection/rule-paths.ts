import type { Expr } from "./rule-syntax.js";

/** A name in a path, and its node in the rule. */
export interface PathStep {
  readonly name: string;
  readonly node: bigint;
}

/** `a.b["c"]` as its steps; undefined if the node is no such path. */
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

/** The value of a string literal; undefined for other nodes. */
export const textOf = ({ exprKind }: Expr): string | undefined =>
  exprKind.case === "constExpr" && exprKind.value.constantKind.case === "stringValue"
    ? exprKind.value.constantKind.value
    : undefined;

/** Whether a node is the argument of `has()`. */
export const isTest = ({ exprKind }: Expr): boolean => exprKind.case === "selectExpr" && exprKind.value.testOnly;
