import { RE2JS } from "@bufbuild/re2";

/** Limit for cached patterns; most batches have one per rule. */
const MAX_CACHED = 64;

/** Regular expressions of linear time, each compiled once, and their cost in steps of a RuleMeter. */
export class RulePatterns {
  readonly #kept = new Map<string, RE2JS>();

  compile(pattern: string): RE2JS {
    const known = this.#kept.get(pattern);
    if (known) return known;
    const compiled = RE2JS.compile(pattern);
    if (this.#kept.size >= MAX_CACHED) this.#kept.clear();
    this.#kept.set(pattern, compiled);
    return compiled;
  }

  /** Cost of matching a text: instructions times characters, plus compiling if not cached. */
  steps(text: string, pattern: string): number {
    const instructions = instructionsOf(pattern);
    return instructions * (text.length + 1) + (this.#kept.has(pattern) ? 0 : compileSteps(pattern, instructions));
  }
}

/** An upper bound: RE2 refuses counts above 1,000, including the product of nested ones. */
function instructionsOf(pattern: string): number {
  const counts = [...pattern.matchAll(/\d+(?=\})/g)].map(([count]) => Math.min(1000, Number(count)));
  return counts.length > 1 && /\{[^{}]*\}[^{}]*\)[^{}]*\{/.test(pattern)
    ? pattern.length * 1000
    : pattern.length * Math.max(1, ...counts);
}

const INSTRUCTION_STEPS = 5;
/** Cost of a class such as \pL, which has hundreds of ranges. */
const CLASS_STEPS = 500;
/** Cost of a character or class with case folding. */
const FOLDED_STEPS = 300;
/** Characters of a range that are folded per step. */
const FOLDED_A_STEP = 8;

function compileSteps(pattern: string, instructions: number): number {
  const classes = pattern.split("\\").length - 1;
  const plain = instructions * INSTRUCTION_STEPS + classes * CLASS_STEPS;
  return /\(\?[a-zA-Z-]*i/.test(pattern)
    ? plain + pattern.length * FOLDED_STEPS + foldedCharacters(pattern) / FOLDED_A_STEP
    : plain;
}

/** Number of characters in all ranges of a pattern. */
function foldedCharacters(pattern: string): number {
  const character = String.raw`(\\x\{[0-9a-fA-F]+\}|\\x[0-9a-fA-F]{2}|.)`;
  const ranges = pattern.matchAll(new RegExp(`${character}-${character}`, "gsu"));
  return [...ranges].reduce((sum, [, from = "", to = ""]) => sum + Math.max(0, codePoint(to) - codePoint(from)), 0);
}

const codePoint = (written: string): number =>
  written.length > 2 ? Number.parseInt(written.replace(/^\\x\{?|\}$/g, ""), 16) : (written.codePointAt(0) ?? 0);
