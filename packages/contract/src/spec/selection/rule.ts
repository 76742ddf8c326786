import { celEnv, isCelError, plan } from "@bufbuild/cel";
import type { Batch } from "../../gen/polyreel/v1/batch_pb.js";
import { choicesOf } from "../choices.js";
import { type Mistake, SpecError } from "../mistake.js";
import { quote } from "../quote.js";
import type { Dimension } from "./dimensions.js";
import { namesIn } from "./rule-names.js";
import { isMistake, parseRule, type RuleSyntax } from "./rule-syntax.js";
import { valuesOf } from "./rule-values.js";

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
const UNKNOWN = 0;
const ALLOWED = 1;
const REFUSED = 2;

/** A normalised batch's rules, and what is wrong with those that can't be asked. */
export function rulesOf(batch: Batch, dimensions: readonly Dimension[]): { rules: Rule[]; mistakes: Mistake[] } {
  const rules: Rule[] = [];
  const mistakes: Mistake[] = [];
  let asked = 0;
  const onAsked = () => {
    if (++asked > MAX_ASKED) throw tooEntangled();
  };
  for (const [index, text] of batch.where.entries()) {
    const syntax = parseRule(text, index);
    const found = isMistake(syntax) ? [syntax] : compile(syntax, batch, dimensions, rules, onAsked);
    mistakes.push(...found);
  }
  return { rules, mistakes };
}

function compile(
  syntax: RuleSyntax,
  batch: Batch,
  dimensions: readonly Dimension[],
  rules: Rule[],
  onAsked: () => void,
): readonly Mistake[] {
  const names = namesIn(syntax, batch);
  if (names.mistakes.length > 0) return names.mistakes;
  const own = [...dimensions.entries()].flatMap(([position, { blocks }]) =>
    (blocks.length === 0 ? names.canvas : blocks.some((block) => names.blocks.has(block))) ? [position] : [],
  );
  const ask = question(syntax, batch, dimensions, own);
  const first = ask(dimensions.map(() => 0));
  if (typeof first === "object" && first.always) return [first.mistake];
  rules.push({ dimensions: own, allows: remembering(own, dimensions, answer(ask, onAsked)) });
  return [];
}

type Answer = boolean | { readonly mistake: Mistake; readonly always: boolean };

/** The rule as a question about a combination. */
function question(
  syntax: RuleSyntax,
  batch: Batch,
  dimensions: readonly Dimension[],
  own: readonly number[],
): (digits: ArrayLike<number>) => Answer {
  const evaluate = plan(celEnv(), syntax.expr);
  const values = valuesOf(batch, dimensions, own);
  return (digits) => {
    const value = evaluate(values(digits));
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
  const known = new Uint8Array(answers);
  return (digits) => {
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
