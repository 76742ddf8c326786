import type { Dimension } from "./dimensions.js";
import { type Rule, tooEntangled } from "./rule.js";
import type { Work } from "./work.js";

/** All combinations that the rules leave, in the batch's order, with their numbers known: none is ever listed. */
export interface Space {
  /** How many there are; above 2^53 only about. */
  readonly total: number;
  readonly root: SpaceNode;
}

/**
 * A place reached by choosing in the slower dimensions: the digits that lead on from there to at least one combination.
 * Choices that differ in nothing which a later rule asks for lead to the same node.
 */
export interface SpaceNode {
  /** Ascending. */
  readonly digits: readonly number[];
  /** Where each digit leads to; undefined in the last dimension. */
  readonly next: readonly SpaceNode[] | undefined;
  /** Combinations before each digit, and all of them at the end; undefined in the last dimension: as many as digits. */
  readonly before: readonly number[] | undefined;
}

const combinationsOf = ({ before, digits }: SpaceNode): number => before?.at(-1) ?? digits.length;

/** Digits tried altogether, and nodes of one dimension: bounds time to seconds and memory to about 200 MB, whatever the rules. */
const MAX_TRIED = 2_000_000;
const MAX_NODES = 200_000;
const STEPS_A_TURN = 250;
/** What rules may cost between two turns, as their meter counts it: a few milliseconds. */
const RULE_STEPS_A_TURN = 10_000;

/**
 * Builds the space dimension by dimension. A node stands for a set of digits in those dimensions that rules still to be
 * asked depend on; a rule is asked once its last dimension is reached. So the work grows with how far rules reach, not with
 * the number of combinations. Throws SpecError where it grows out of bounds, and where a rule can't be worked out.
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
        if (tried > MAX_TRIED || next.size > MAX_NODES) throw tooEntangled();
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
  /** Digits of the dimensions that rules still to be asked depend on. */
  readonly kept: readonly number[];
  readonly digits: number[];
  readonly next: Draft[];
  node: SpaceNode | undefined;
}

interface Layer {
  readonly size: number;
  /** Rules that are asked here: this is the last of their dimensions. */
  readonly rules: readonly Rule[];
  /** Dimensions that what follows depends on: when this one is reached, and when its digit is chosen. */
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
  for (const position of kept) key += String.fromCharCode(digits[position] ?? 0); // a block has 10,000 choices at most
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

/** Most last choices are free, and share one node. */
const leaf = (digits: readonly number[], all: SpaceNode): SpaceNode =>
  digits.length === all.digits.length ? all : { digits, next: undefined, before: undefined };

/** Digits that lead nowhere are left out. */
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
