import type { Dimension } from "./dimensions.js";
import type { Space, SpaceNode } from "./space.js";

/**
 * Choices become available gradually: the wave, from 1, since which each choice can be used; Infinity if not yet. A
 * combination belongs to the latest wave of its choices, so to exactly one.
 */
export interface Waves {
  readonly now: number;
  choice(block: number, position: number): number;
  canvas(canvas: number): number;
}

/** The same by dimension and digit. */
export interface Wave {
  readonly now: number;
  readonly digits: readonly (readonly number[])[];
  /** The wave of what all combinations share. */
  readonly all: number;
}

export function waveOf(dimensions: readonly Dimension[], waves: Waves): Wave {
  const several = dimensions[0]?.blocks.length === 0;
  const digits = dimensions.map(({ blocks, size }) =>
    Array.from({ length: size }, (_, digit) =>
      blocks.length === 0
        ? waves.canvas(digit)
        : blocks.reduce((latest, block) => Math.max(latest, waves.choice(block, digit)), 1),
    ),
  );
  return { now: waves.now, digits, all: several ? 1 : waves.canvas(0) };
}

/**
 * The combinations of a wave in order, with their numbers in the space. Branches without any are skipped, so that many
 * waves over many combinations take no longer than one. `isWanted`: whether any number from the first to before the
 * second is wanted. Yields the same object each time, modified in place.
 */
export function* walkWave(
  { root, total }: Space,
  { now, digits: waveOfDigit, all }: Wave,
  isWanted: (from: number, to: number) => boolean,
): Generator<{ readonly digits: readonly number[]; readonly number: number }> {
  const depth = waveOfDigit.length;
  if (total === 0 || depth === 0 || all > now) return;
  /** Whether a dimension from this one on has digits of this wave. */
  const isStillToCome = new Array<boolean>(depth + 1).fill(false);
  for (let level = depth - 1; level >= 0; level--) {
    isStillToCome[level] = isStillToCome[level + 1] || (waveOfDigit[level] ?? []).includes(now);
  }
  const at = { digits: new Array<number>(depth).fill(0), number: 0 };
  const nodes: SpaceNode[] = [root];
  const places = new Array<number>(depth).fill(-1);
  /** Before each level: the latest wave of the digits chosen, and the first number there. */
  const latest = new Array<number>(depth + 1).fill(all);
  const first = new Array<number>(depth + 1).fill(0);
  let level = 0;
  while (level >= 0) {
    const node = nodes[level] as SpaceNode;
    const place = (places[level] ?? 0) + 1;
    if (place >= node.digits.length) {
      places[level--] = -1;
      continue;
    }
    places[level] = place;
    const digit = node.digits[place] ?? 0;
    const wave = Math.max(latest[level] ?? 1, waveOfDigit[level]?.[digit] ?? Number.POSITIVE_INFINITY);
    if (wave > now || (wave < now && !isStillToCome[level + 1])) continue;
    const from = (first[level] ?? 0) + (node.before?.[place] ?? place);
    const to = (first[level] ?? 0) + (node.before?.[place + 1] ?? place + 1);
    if (!isWanted(from, to)) continue;
    at.digits[level] = digit;
    if (node.next) {
      nodes[++level] = node.next[place] as SpaceNode;
      latest[level] = wave;
      first[level] = from;
    } else {
      at.number = from;
      yield at;
    }
  }
}
