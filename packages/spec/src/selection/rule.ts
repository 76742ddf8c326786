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

/** One of a batch's rules, ready to be asked. */
export interface Rule {
  /** Positions of the dimensions that it depends on, the slowest first. */
  readonly dimensions: readonly number[];
  /** Whether combinations with these digits may exist; reads the digits of its own dimensions only. */
  allows(digits: ArrayLike<number>): boolean;
}

/** Up to so many answers are kept of a rule: a byte each. */
const MAX_ANSWERS = 1_000_000;
/** And so many times may a batch's rules be asked altogether: seconds of work, whatever they say. */
const MAX_ASKED = 1_000_000;
/** Of so many mistakes nobody reads the others. */
const MAX_MISTAKES = 100;
const UNKNOWN = 0;
const ALLOWED = 1;
const REFUSED = 2;

/**
 * A normalised batch's rules, and what is wrong with those that can't be asked. What they cost is charged to the meter, and
 * they throw SpecError once it is empty.
 */
export function rulesOf(
  batch: Batch,
  dimensions: readonly Dimension[],
  meter = new RuleMeter(),
): { rules: Rule[]; mistakes: Mistake[] } {
  const rules: Rule[] = [];
  const mistakes: Mistake[] = [];
  const vocabulary = new Vocabulary(batch);
  let asked = 0;
  const onAsked = () => {
    if (++asked > MAX_ASKED) throw tooEntangled();
  };
  for (const [index, text] of batch.where.entries()) {
    const syntax = parseRule(text, index);
    const found = isMistake(syntax)
      ? [syntax]
      : compile(syntax, { batch, vocabulary, dimensions, meter }, rules, onAsked);
    mistakes.push(...found);
    if (meter.wasExceeded || mistakes.length > MAX_MISTAKES) break;
  }
  return { rules, mistakes };
}

/** What rules are compiled with. */
interface Scope {
  readonly batch: Batch;
  readonly vocabulary: Vocabulary;
  readonly dimensions: readonly Dimension[];
  readonly meter: RuleMeter;
}

function compile(syntax: RuleSyntax, scope: Scope, rules: Rule[], onAsked: () => void): readonly Mistake[] {
  const { dimensions } = scope;
  const names = namesIn(syntax, scope.vocabulary);
  if (names.mistakes.length > 0) return names.mistakes;
  const own = [...dimensions.entries()].flatMap(([position, { blocks }]) =>
    (blocks.length === 0 ? names.canvas : blocks.some((block) => names.blocks.has(block))) ? [position] : [],
  );
  const ask = question(syntax, scope, own);
  if (typeof ask === "object") return [ask];
  const first = ask(dimensions.map(() => 0));
  if (typeof first === "object" && first.always) return [first.mistake];
  rules.push({ dimensions: own, allows: remembering(own, dimensions, answer(ask, onAsked)) });
  return [];
}

type Answer = boolean | { readonly mistake: Mistake; readonly always: boolean };

/** The rule as a question about a combination; a mistake where it can't be one. */
function question(
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
    // All values are texts, so that what has no overload for one combination has none for any.
    const always = /no matching overload|unbound function/.test(value.message);
    const where = always ? "" : ` for ${chosen.slice(0, 8).join(", ")}`;
    const remedy = "Labels and metadata are texts: compare them with texts in quotes, or convert them with int(...).";
    return { mistake: syntax.mistake(value.exprId, `can't be worked out${where} (${value.message})`, remedy), always };
  };
}

/** A macro may meet an error in each of its rounds, and describing where in the evaluator takes ten times as long as a step. */
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
  const reason = `can't be worked out for all combinations: the rules take more than ${digits(meter.most)} steps together`;
  const remedy = "Split rules into several that speak of fewer blocks each, make them shorter, or split the batch.";
  return syntax.mistake(undefined, reason, remedy);
}

const answer = (ask: (digits: ArrayLike<number>) => Answer, onAsked: () => void) => (digits: ArrayLike<number>) => {
  onAsked();
  const said = ask(digits);
  if (typeof said === "object") throw new SpecError([said.mistake]);
  return said;
};

/** Asks once for each combination of the rule's own dimensions, where they are few enough to remember. */
function remembering(
  own: readonly number[],
  dimensions: readonly Dimension[],
  ask: (digits: ArrayLike<number>) => boolean,
): (digits: ArrayLike<number>) => boolean {
  const sizes = own.map((position) => dimensions[position]?.size ?? 1);
  const answers = sizes.reduce((product, size) => product * size, 1);
  if (answers > MAX_ANSWERS) return ask;
  let known: Uint8Array | undefined; // made when it is asked for: many rules never are
  return (digits) => {
    known ??= new Uint8Array(answers);
    let place = 0;
    for (let i = 0; i < own.length; i++) place = place * (sizes[i] ?? 1) + (digits[own[i] ?? 0] ?? 0);
    if (known[place] === UNKNOWN) known[place] = ask(digits) ? ALLOWED : REFUSED;
    return known[place] === ALLOWED;
  };
}

/** Said where finding out which combinations the rules leave would take too long, or too much memory. */
export const tooEntangled = (): SpecError =>
  new SpecError([
    {
      field: "where",
      reason: "The rules tie so many blocks to each other that their combinations can't be told apart in time.",
      remedy: "Split rules into several that speak of fewer blocks each, or split the batch.",
    },
  ]);
