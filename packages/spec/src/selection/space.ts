import type { Dimension } from "./dimensions.js";
import { type Rule, rulesTooComplex } from "./rule.js";
import type { Work } from "./work.js";

/** All combinations that the rules leave, in the batch's order, numbered without being listed. */
export interface Space {
  /** Their number; approximate above 2^53. */
  readonly total: number;
  readonly root: SpaceNode;
}

/**
 * A state reached by choosing in the slower dimensions: the digits that lead on to at least one combination. Choices
 * that no later rule distinguishes lead to the same node.
 */
export interface SpaceNode {
  /** Ascending. */
  readonly digits: readonly number[];
  /** The node after each digit; undefined in the last dimension. */
  readonly next: readonly SpaceNode[] | undefined;
  /**
   * Number of combinations before each digit, and finally the total; undefined in the last dimension, where each digit
   * is one.
   */
  readonly before: readonly number[] | undefined;
}

const combinationsOf = ({ before, digits }: SpaceNode): number => before?.at(-1) ?? digits.length;

/**
 * Limit for tried digits, and for nodes per dimension: bounds time to seconds and memory to about 200 MB, whatever the
 * rules.
 */
const MAX_TRIED = 2_000_000;
const MAX_NODES = 200_000;
const STEPS_A_TURN = 250;
/** Cost of rules per slice in steps: a few milliseconds. */
const RULE_STEPS_A_TURN = 10_000;

/**
 * Builds the space dimension by dimension. A node stands for a set of digits in those dimensions that pending rules
 * depend on; a rule is evaluated once its last dimension is reached. So the work grows with the reach of the rules, not
 * with the number of combinations. Throws SpecError if it exceeds the limits, or if a rule fails.
 */
export function* spaceOf(
  dimensions: readonly Dimension[],
  rules: readonly Rule[],
  meter: { readonly spent: number },
): Work<Space> {
  const layers = layersOf(dimensions, rules);
  const digits = new Array<number>(dimensions.length).fill(0);
  const reached: Draft[][] = [[{ kept: [], digits: [], next: [], node: undefined }]];
  let tried = 0;
  let metered = meter.spent;

  for (const [level, layer] of layers.entries()) {
    const next = new Map<string, Draft>();
    for (const draft of reached[level] ?? []) {
      for (const [i, position] of layer.before.entries()) digits[position] = draft.kept[i] ?? 0;
      for (let digit = 0; digit < layer.size; digit++) {
        if (++tried % STEPS_A_TURN === 0 || meter.spent - metered > RULE_STEPS_A_TURN) {
          metered = meter.spent;
          yield;
        }
        if (tried > MAX_TRIED || next.size > MAX_NODES) throw rulesTooComplex();
        digits[level] = digit;
        if (!layer.rules.every((rule) => rule.allows(digits))) continue;
        draft.digits.push(digit);
        if (level < layers.length - 1) draft.next.push(draftFor(next, layer.after, digits));
      }
    }
    reached.push([...next.values()]);
  }

  for (let level = layers.length - 1; level >= 0; level--) {
    const all = level === layers.length - 1 ? allDigits(layers[level]?.size ?? 0) : undefined;
    for (const [i, draft] of (reached[level] ?? []).entries()) {
      if (i % STEPS_A_TURN === 0) yield;
      draft.node = all ? leaf(draft.digits, all) : branch(draft);
    }
    reached[level + 1] = [];
  }
  const root = reached[0]?.[0]?.node ?? { digits: [], next: undefined, before: undefined };
  return { total: combinationsOf(root), root };
}

interface Draft {
  /** Digits of the dimensions that pending rules depend on. */
  readonly kept: readonly number[];
  readonly digits: number[];
  readonly next: Draft[];
  node: SpaceNode | undefined;
}

interface Layer {
  readonly size: number;
  /** Rules evaluated here: this is the last of their dimensions. */
  readonly rules: readonly Rule[];
  /** Dimensions that the rest depends on: when this one is reached, and after its digit is chosen. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

function layersOf(dimensions: readonly Dimension[], rules: readonly Rule[]): Layer[] {
  const lastOf = ({ dimensions: own }: Rule) => own.at(-1) ?? 0;
  const neededAt = (level: number): number[] => {
    const needed = rules.filter((rule) => lastOf(rule) >= level).flatMap(({ dimensions: own }) => own);
    return [...new Set(needed)].filter((position) => position < level).sort((a, b) => a - b);
  };
  return dimensions.map(({ size }, level) => ({
    size,
    rules: rules.filter((rule) => lastOf(rule) === level),
    before: neededAt(level),
    after: neededAt(level + 1),
  }));
}

function draftFor(drafts: Map<string, Draft>, kept: readonly number[], digits: readonly number[]): Draft {
  let key = "";
  for (const position of kept) key += String.fromCharCode(digits[position] ?? 0); // A block has at most 10,000 choices.
  const known = drafts.get(key);
  if (known) return known;
  const draft: Draft = { kept: kept.map((position) => digits[position] ?? 0), digits: [], next: [], node: undefined };
  drafts.set(key, draft);
  return draft;
}

const allDigits = (size: number): SpaceNode => ({
  digits: Array.from({ length: size }, (_, digit) => digit),
  next: undefined,
  before: undefined,
});

/** The last choices are mostly unrestricted, and share one node. */
const leaf = (digits: readonly number[], all: SpaceNode): SpaceNode =>
  digits.length === all.digits.length ? all : { digits, next: undefined, before: undefined };

/** Digits without combinations are left out. */
function branch(draft: Draft): SpaceNode {
  const digits: number[] = [];
  const next: SpaceNode[] = [];
  const before = [0];
  for (const [i, { node }] of draft.next.entries()) {
    const combinations = node ? combinationsOf(node) : 0;
    if (!node || combinations === 0) continue;
    digits.push(draft.digits[i] ?? 0);
    next.push(node);
    before.push((before.at(-1) ?? 0) + combinations);
  }
  return { digits, next, before };
}
