import { isCelError, plan } from "@bufbuild/cel";
import type { Batch } from "@polyreel/contract";
import { choicesOf } from "../choices.js";
import { type Mistake, SpecError } from "../mistake.js";
import { quote } from "../quote.js";
import type { Dimension } from "./dimensions.js";
import { meteredExpression } from "./metered-expression.js";
import { meteredEnvironment } from "./metered-functions.js";
import { MAX_STEPS_AT_ONCE, RuleMeter } from "./rule-meter.js";
import { namesIn } from "./rule-names.js";
import { isMistake, parseRule, type RuleSyntax } from "./rule-syntax.js";
import { valuesOf } from "./rule-values.js";
import { Vocabulary } from "./vocabulary.js";

/** A compiled rule of a batch. */
export interface Rule {
  /** Indices of the dimensions that it depends on, the slowest first. */
  readonly dimensions: readonly number[];
  /** Whether combinations with these digits are allowed; reads the digits of its own dimensions only. */
  allows(digits: ArrayLike<number>): boolean;
}

/** Limit for cached results of a rule: a byte each. */
const MAX_CACHED = 1_000_000;
/** Limit for evaluations of all rules of a batch: seconds of work, whatever the rules. */
const MAX_EVALUATIONS = 1_000_000;
/** More would not be read. */
const MAX_MISTAKES = 100;
const UNKNOWN = 0;
const ALLOWED = 1;
const REFUSED = 2;

/**
 * A normalised batch's rules, and the mistakes in invalid ones. Their cost is charged to the meter; they throw
 * SpecError once it is empty.
 */
export function rulesOf(
  batch: Batch,
  dimensions: readonly Dimension[],
  meter = new RuleMeter(),
): { rules: Rule[]; mistakes: Mistake[] } {
  const rules: Rule[] = [];
  const mistakes: Mistake[] = [];
  const vocabulary = new Vocabulary(batch);
  let evaluations = 0;
  const onEvaluation = () => {
    if (++evaluations > MAX_EVALUATIONS) throw rulesTooComplex();
  };
  for (const [index, text] of batch.where.entries()) {
    const syntax = parseRule(text, index);
    const found = isMistake(syntax)
      ? [syntax]
      : compile(syntax, { batch, vocabulary, dimensions, meter }, rules, onEvaluation);
    mistakes.push(...found);
    if (meter.wasExceeded || mistakes.length > MAX_MISTAKES) break;
  }
  return { rules, mistakes };
}

/** The environment that rules are compiled in. */
interface Scope {
  readonly batch: Batch;
  readonly vocabulary: Vocabulary;
  readonly dimensions: readonly Dimension[];
  readonly meter: RuleMeter;
}

function compile(syntax: RuleSyntax, scope: Scope, rules: Rule[], onEvaluation: () => void): readonly Mistake[] {
  const { dimensions } = scope;
  const names = namesIn(syntax, scope.vocabulary);
  if (names.mistakes.length > 0) return names.mistakes;
  const own = [...dimensions.entries()].flatMap(([position, { blocks }]) =>
    (blocks.length === 0 ? names.canvas : blocks.some((block) => names.blocks.has(block))) ? [position] : [],
  );
  const ask = predicateOf(syntax, scope, own);
  if (typeof ask === "object") return [ask];
  const first = ask(dimensions.map(() => 0));
  if (typeof first === "object" && first.always) return [first.mistake];
  rules.push({ dimensions: own, allows: memoized(own, dimensions, answer(ask, onEvaluation)) });
  return [];
}

type Answer = boolean | { readonly mistake: Mistake; readonly always: boolean };

/** The rule as a predicate on combinations; a mistake if it is invalid. */
function predicateOf(
  syntax: RuleSyntax,
  { batch, dimensions, meter }: Scope,
  own: readonly number[],
): ((digits: ArrayLike<number>) => Answer) | Mistake {
  const metered = meteredExpression(syntax.expr);
  if (!metered) {
    const remedy = "Labels and metadata are texts: compare them with texts in quotes, or convert them with int(...).";
    return syntax.mistake(undefined, "makes a message, which rules have no use for", remedy);
  }
  const evaluate = plan(meteredEnvironment(meter, metered.stepsOfTick), metered.expr);
  const values = valuesOf(batch, dimensions, own);
  const steps = metered.steps + own.length / 4;
  return (digits) => {
    meter.begin(steps);
    const value = withoutStacks(() => evaluate(values(digits)));
    if (meter.wasExceeded) return { mistake: outOfSteps(syntax, meter), always: true };
    if (typeof value === "boolean") return value;
    if (!isCelError(value)) {
      const remedy = "Compare it with something, so that it is true for the combinations that are to exist.";
      return { mistake: syntax.mistake(undefined, "is neither true nor false", remedy), always: true };
    }
    const chosen = batch.blocks.map((block, index) => {
      const digit = digits[dimensions.findIndex(({ blocks }) => blocks.includes(index))] ?? 0;
      return `${block.name} ${quote(choicesOf(block)[digit]?.label ?? "")}`;
    });
    // All values are strings, so an overload that is missing for one combination is missing for all.
    const always = /no matching overload|unbound function/.test(value.message);
    const where = always ? "" : ` for ${chosen.slice(0, 8).join(", ")}`;
    const remedy = "Labels and metadata are texts: compare them with texts in quotes, or convert them with int(...).";
    return { mistake: syntax.mistake(value.exprId, `can't be worked out${where} (${value.message})`, remedy), always };
  };
}

/** A macro may meet an error in each iteration, and collecting the stack trace takes ten times as long as a step. */
function withoutStacks<T>(evaluate: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return evaluate();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function outOfSteps(syntax: RuleSyntax, meter: RuleMeter): Mistake {
  const digits = (steps: number) => steps.toLocaleString("en-US");
  if (!meter.isEmpty) {
    const reason = `takes more than ${digits(MAX_STEPS_AT_ONCE)} steps for one combination`;
    const remedy = "Nest fewer macros (all, exists, map, filter), and build no long lists or texts.";
    return syntax.mistake(undefined, reason, remedy);
  }
  const reason = `can't be worked out for all combinations: the rules take more than ${digits(meter.maxSteps)} steps together`;
  const remedy = "Split rules into several that speak of fewer blocks each, make them shorter, or split the batch.";
  return syntax.mistake(undefined, reason, remedy);
}

const answer =
  (ask: (digits: ArrayLike<number>) => Answer, onEvaluation: () => void) => (digits: ArrayLike<number>) => {
    onEvaluation();
    const result = ask(digits);
    if (typeof result === "object") throw new SpecError([result.mistake]);
    return result;
  };

/** Evaluates once per combination of the rule's own dimensions, if few enough to cache. */
function memoized(
  own: readonly number[],
  dimensions: readonly Dimension[],
  ask: (digits: ArrayLike<number>) => boolean,
): (digits: ArrayLike<number>) => boolean {
  const sizes = own.map((position) => dimensions[position]?.size ?? 1);
  const answers = sizes.reduce((product, size) => product * size, 1);
  if (answers > MAX_CACHED) return ask;
  let known: Uint8Array | undefined; // Allocated on first use: many rules are never evaluated.
  return (digits) => {
    known ??= new Uint8Array(answers);
    let place = 0;
    for (let i = 0; i < own.length; i++) place = place * (sizes[i] ?? 1) + (digits[own[i] ?? 0] ?? 0);
    if (known[place] === UNKNOWN) known[place] = ask(digits) ? ALLOWED : REFUSED;
    return known[place] === ALLOWED;
  };
}

/** Thrown if determining the combinations that the rules leave would take too much time or memory. */
export const rulesTooComplex = (): SpecError =>
  new SpecError([
    {
      field: "where",
      reason: "The rules tie so many blocks to each other that their combinations can't be separated in time.",
      remedy: "Split rules into several that speak of fewer blocks each, or split the batch.",
    },
  ]);
