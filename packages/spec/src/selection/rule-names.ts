import type { Block } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { quote, quoteAll } from "../quote.js";
import { isTest, type PathStep, pathOf, textOf } from "./rule-paths.js";
import type { Expr, RuleSyntax } from "./rule-syntax.js";
import type { Vocabulary, Words } from "./vocabulary.js";

/** Names that a rule refers to. */
export interface RuleNames {
  /** Indices of the blocks whose choices it depends on. */
  readonly blocks: ReadonlySet<number>;
  readonly canvas: boolean;
  readonly mistakes: readonly Mistake[];
}

/** Name of the explicit metadata; `meta` has an empty string for keys that a choice omits. */
export const GIVEN_METADATA = "@given";

const TYPES = new Set(["bool", "bytes", "double", "dyn", "int", "list", "map", "null_type", "string", "type", "uint"]);

/**
 * Finds the blocks that a rule depends on, and the names and labels in it that the batch does not have. Redirects
 * `has()` to the explicit metadata, so that it tests for presence, while `meta.block.key` is empty if absent.
 */
export function namesIn(rule: RuleSyntax, vocabulary: Vocabulary): RuleNames {
  const finder = new NameFinder(rule, vocabulary);
  finder.visit(rule.expr, new Set());
  return finder;
}

class NameFinder implements RuleNames {
  readonly blocks = new Set<number>();
  readonly mistakes: Mistake[] = [];
  canvas = false;

  constructor(
    private readonly rule: RuleSyntax,
    private readonly vocabulary: Vocabulary,
  ) {}

  /** `local`: names bound by the rule's own comprehensions. */
  visit(expr: Expr | undefined, local: ReadonlySet<string>): void {
    if (!expr) return;
    const path = pathOf(expr);
    const root = path?.[0]?.name;
    if (path && root !== undefined && !local.has(root)) {
      this.#path(expr, path);
      return;
    }
    const { exprKind } = expr;
    switch (exprKind.case) {
      case "selectExpr":
        this.visit(exprKind.value.operand, local);
        return;
      case "callExpr":
        this.#compared(exprKind.value.function, exprKind.value.args, local);
        for (const part of [exprKind.value.target, ...exprKind.value.args]) this.visit(part, local);
        return;
      case "listExpr":
        for (const element of exprKind.value.elements) this.visit(element, local);
        return;
      case "structExpr":
        for (const { keyKind, value } of exprKind.value.entries) {
          if (keyKind.case === "mapKey") this.visit(keyKind.value, local);
          this.visit(value, local);
        }
        return;
      case "comprehensionExpr": {
        const { iterRange, accuInit, iterVar, iterVar2, accuVar, loopCondition, loopStep, result } = exprKind.value;
        this.visit(iterRange, local);
        this.visit(accuInit, local);
        const inside = new Set([...local, iterVar, iterVar2, accuVar].filter(Boolean));
        for (const part of [loopCondition, loopStep, result]) this.visit(part, inside);
        return;
      }
    }
  }

  #path(expr: Expr, [root, second, third]: readonly PathStep[]): void {
    const name = root?.name.replace(/^\./, "") ?? "";
    const inMap = name === "choice" || name === "meta";
    if (name === "canvas" && this.vocabulary.hasCanvas) {
      this.canvas = true;
    } else if (inMap && !second) {
      for (const index of this.vocabulary.blocks.keys()) this.blocks.add(index);
    } else if (inMap && second) {
      const block = this.#block(second.name, second.node);
      if (name === "meta" && isTest(expr)) redirectToGiven(expr);
      else if (name === "meta" && third && block) this.#metadata(third, block);
    } else if (!TYPES.has(name) || this.vocabulary.block(name)) {
      this.#block(name, expr.id);
    }
  }

  #block(name: string, node: bigint): Block | undefined {
    const found = this.vocabulary.block(name);
    if (found) this.blocks.add(found.index);
    else this.#unknown(node, name);
    return found?.block;
  }

  #unknown(node: bigint, name: string): void {
    const known = this.vocabulary.blockNames;
    const near = this.vocabulary.nearest(name, known);
    const reason = `speaks of ${quote(name)}, and there is no block of that name`;
    const remedy = `${near ? `Did you mean ${quote(near)}? ` : ""}Known are ${quoteAll(known)}${this.vocabulary.hasCanvas ? ", canvas" : ""}, and meta.<block>.<key>.`;
    this.mistakes.push(this.rule.mistake(node, reason, remedy));
  }

  #metadata({ node, name }: PathStep, block: Block): void {
    const { list: keys, set } = this.vocabulary.metadataKeys(block);
    if (set.has(name)) return;
    const reason = `asks for ${quote(name)} of block ${quote(block.name)}, and none of its choices has metadata of that name`;
    const remedy = keys.length > 0 ? `Known are ${quoteAll(keys)}.` : "Give its choices metadata.";
    this.mistakes.push({ ...this.rule.mistake(node, reason, remedy), block: block.name });
  }

  /** Comparing with a label that no choice has is never, or always, true: a typo. */
  #compared(operator: string, args: readonly Expr[], local: ReadonlySet<string>): void {
    if (!["_==_", "_!=_", "@in"].includes(operator)) return;
    for (const [from, to] of operator === "@in" ? [args] : [args, [...args].reverse()]) {
      const labels = this.#labelsOf(from, local);
      if (!labels || !to) continue;
      for (const literal of to.exprKind.case === "listExpr" ? to.exprKind.value.elements : [to]) {
        const text = textOf(literal);
        if (text === undefined || labels.known.set.has(text)) continue;
        const near = this.vocabulary.nearest(text, labels.known.list);
        const mistake = this.rule.mistake(
          literal.id,
          `compares ${labels.subject} with ${quote(text)}, a label that none has`,
          `${near ? `Did you mean ${quote(near)}? ` : ""}The labels are ${quoteAll(labels.known.list)}.`,
        );
        this.mistakes.push({ ...mistake, block: labels.block });
      }
    }
  }

  #labelsOf(
    expr: Expr | undefined,
    local: ReadonlySet<string>,
  ): { subject: string; block: string; known: Words } | undefined {
    const path = expr && pathOf(expr);
    const [root, second, third] = path?.map(({ name }) => name) ?? [];
    if (root === undefined || local.has(root)) return undefined;
    if (root === "canvas" && this.vocabulary.hasCanvas)
      return { subject: "the canvas", block: "", known: this.vocabulary.canvasLabels };
    const name =
      root === "choice" ? (third === undefined ? second : undefined) : second === undefined ? root : undefined;
    const block = name === undefined ? undefined : this.vocabulary.block(name)?.block;
    if (!block || root === "meta") return undefined;
    const known = this.vocabulary.labels(block);
    return { subject: `block ${quote(block.name)}`, block: block.name, known };
  }
}

/** Renames the root of `has(meta.block.key)`. */
function redirectToGiven({ exprKind }: Expr): void {
  if (exprKind.case === "identExpr") exprKind.value.name = GIVEN_METADATA;
  else if (exprKind.case === "selectExpr" && exprKind.value.operand) redirectToGiven(exprKind.value.operand);
  else if (exprKind.case === "callExpr" && exprKind.value.args[0]) redirectToGiven(exprKind.value.args[0]);
}
