import { Balance, MAX_SCORED } from "./balance.js";
import { mix, permutationOf } from "./permutation.js";
import type { Space, SpaceNode } from "./space.js";
import { locate } from "./walk.js";

/** An order of a space's combinations whose beginning has every choice about equally often. */
export interface BalancedOrder {
  /** Number of combinations that may be taken. */
  readonly length: number;
  /** The next combination's number. */
  next(): number;
  /** Whether a combination was taken, now or earlier. */
  has(ordinal: number): boolean;
}

/** Scores computed for an order: about half a second. Beyond it, chance balances well enough. */
const MAX_SCORES = 100_000_000;

/**
 * Takes combinations one at a time. Each goes through the space's dimensions, and takes the choice that was taken least
 * often so far; of several, the one least often with the choices before it; of these, one by the seed. `taken`: numbers
 * taken earlier, which are counted and not taken again. What follows depends only on which they are, not on their
 * order: so one order can be taken in several steps. Not called beyond the last combination.
 */
export function balancedOrder(
  space: Space,
  sizes: readonly number[],
  seed: bigint,
  taken: readonly Float64Array[],
): BalancedOrder {
  const balance = new Balance(sizes);
  const digits = new Array<number>(sizes.length).fill(0);
  /** By level: the first numbers of the branches without any combinations left. Those of the last level were taken. */
  const empty = sizes.map(() => new Set<number>());
  const last = empty.at(-1) ?? new Set<number>();
  for (const ordinals of taken) {
    for (const ordinal of ordinals) {
      locate(space, ordinal, digits);
      balance.add(digits);
      last.add(ordinal);
    }
  }

  const low = Number(BigInt.asIntN(32, seed));
  const high = Number(BigInt.asIntN(32, seed >> 32n));
  const best = (node: SpaceNode, level: number, first: number): number | undefined => {
    const { digits: choices } = node;
    const turn = last.size;
    const key = mix(mix(low, turn), mix(high, level));
    const [from, count] = scored(choices.length, turn, seed + BigInt(level));
    let found: number | undefined;
    let [leastScore, leastTie] = [Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < choices.length && (i < count || found === undefined); i++) {
      const place = (from + i) % choices.length;
      const digit = choices[place] ?? 0;
      const score = balance.score(level, digit, digits);
      if (score > leastScore) continue;
      const tie = mix(digit, key);
      if (score === leastScore && tie >= leastTie) continue;
      if (empty[level]?.has(firstOf(node, place, first))) continue;
      [found, leastScore, leastTie] = [place, score, tie];
    }
    return found;
  };

  const nodes = [space.root];
  const firsts = [0];
  const next = (): number => {
    for (let level = 0; ; ) {
      const node = nodes[level] as SpaceNode;
      const first = firsts[level] ?? 0;
      const place = best(node, level, first);
      if (place === undefined) {
        empty[--level]?.add(first);
        continue;
      }
      digits[level] = node.digits[place] ?? 0;
      const ordinal = firstOf(node, place, first);
      if (!node.next) {
        balance.add(digits);
        last.add(ordinal);
        return ordinal;
      }
      nodes[++level] = node.next[place] as SpaceNode;
      firsts[level] = ordinal;
    }
  };
  return {
    length: Math.max(0, Math.floor(MAX_SCORES / balance.cost) - last.size),
    next,
    has: (ordinal) => last.has(ordinal),
  };
}

/** Number of the first combination of a node's branch. */
const firstOf = ({ before }: SpaceNode, place: number, first: number): number => first + (before?.[place] ?? place);

/**
 * Start and number of the choices that are scored. Of many, a stretch: the stretches take turns, in another order each
 * round and for each seed.
 */
function scored(choices: number, turn: number, seed: bigint): [from: number, count: number] {
  if (choices <= MAX_SCORED) return [0, choices];
  const stretches = Math.ceil(choices / MAX_SCORED);
  const round = Math.floor(turn / stretches);
  const stretch = permutationOf(stretches, seed + (BigInt(round) << 32n))(turn % stretches);
  const from = Math.floor((stretch * choices) / stretches);
  return [from, Math.floor(((stretch + 1) * choices) / stretches) - from];
}
