import { parse } from "@bufbuild/cel";
import { RANGE, TICK } from "./metered-functions.js";
import type { Expr } from "./rule-syntax.js";

/** Names, texts and lists per step. Functions are charged when they are called: most of a long rule never is. */
const NODES_A_STEP = 4;

type Call = Extract<Expr["exprKind"], { case: "callExpr" }>["value"];

/** A rule that counts its steps during evaluation. */
export interface MeteredExpression {
  readonly expr: Expr;
  /** Maximum steps of each evaluation, not counting the iterations of macros. */
  readonly steps: number;
  /** The same for one iteration of a macro, by the id of its tick. */
  readonly stepsOfTick: ReadonlyMap<number, number>;
}

/**
 * Instruments a rule: every iteration of a macro (`all`, `exists`, `map`, `filter`) starts with a tick, and every list
 * that one iterates over passes through a function that counts its elements; everything else in CEL that can repeat is
 * a function already. Modifies the rule in place; undefined if it constructs messages, whose size is not counted.
 */
export function meteredExpression(expr: Expr): MeteredExpression | undefined {
  const stepsOfTick = new Map<number, number>();
  let isMetered = true;
  /** Instruments a node and its descendants; returns their number, not counting iterations of nested macros. */
  const visit = (node: Expr | undefined): number => {
    if (!node) return 0;
    const { exprKind } = node;
    switch (exprKind.case) {
      case "selectExpr":
        return 1 + visit(exprKind.value.operand);
      case "callExpr":
        return 1 + visit(exprKind.value.target) + sum(exprKind.value.args);
      case "listExpr":
        return 1 + sum(exprKind.value.elements);
      case "structExpr": {
        if (exprKind.value.messageName !== "") isMetered = false;
        const entries = exprKind.value.entries;
        return (
          1 +
          sum(entries.flatMap(({ keyKind, value }) => [keyKind.case === "mapKey" ? keyKind.value : undefined, value]))
        );
      }
      case "comprehensionExpr": {
        const loop = exprKind.value;
        const outside = 1 + visit(loop.iterRange) + visit(loop.accuInit) + visit(loop.result);
        const inside = 1 + visit(loop.loopCondition) + visit(loop.loopStep);
        stepsOfTick.set(Number(node.id), 1 + inside / NODES_A_STEP);
        if (loop.iterRange) loop.iterRange = call(node.id, RANGE, [loop.iterRange]);
        if (loop.loopCondition) {
          loop.loopCondition = call(node.id, "_&&_", [call(node.id, TICK, []), loop.loopCondition]);
        }
        return outside;
      }
      default:
        return 1;
    }
  };
  const sum = (nodes: readonly (Expr | undefined)[]) => nodes.reduce((total, node) => total + visit(node), 0);
  const steps = 1 + visit(expr) / NODES_A_STEP;
  return isMetered ? { expr, steps, stepsOfTick } : undefined;
}

/** A call to copy, because only the parser can make nodes. */
const CALL = parse("f()").expr;

function call(id: bigint, name: string, args: Expr[]): Expr {
  return {
    ...CALL,
    id,
    exprKind: { case: "callExpr", value: { ...(CALL.exprKind.value as Call), function: name, args } },
  };
}
