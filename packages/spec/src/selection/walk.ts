import type { Space, SpaceNode } from "./space.js";

/** All digits of a space's combinations in order. Yields the same array each time, modified in place. */
export function* walk({ root, total }: Space, depth: number): Generator<readonly number[]> {
  if (total === 0) return;
  const digits = new Array<number>(depth).fill(0);
  if (depth === 0) return yield digits;
  const nodes: SpaceNode[] = [root];
  const at = new Array<number>(depth).fill(-1);
  let level = 0;
  while (level >= 0) {
    const node = nodes[level] as SpaceNode;
    const place = (at[level] ?? 0) + 1;
    if (place >= node.digits.length) {
      at[level--] = -1;
      continue;
    }
    at[level] = place;
    digits[level] = node.digits[place] ?? 0;
    if (node.next) nodes[++level] = node.next[place] as SpaceNode;
    else yield digits;
  }
}

/** Writes the digits of combination number `ordinal` of a space. */
export function locate({ root }: Space, ordinal: number, digits: number[]): void {
  let node = root;
  let rest = ordinal;
  for (let level = 0; ; level++) {
    if (!node.next || !node.before) {
      digits[level] = node.digits[rest] ?? 0;
      return;
    }
    const place = lastNotAbove(node.before, rest);
    digits[level] = node.digits[place] ?? 0;
    rest -= node.before[place] ?? 0;
    node = node.next[place] as SpaceNode;
  }
}

/** Index of the last of ascending numbers that is not above `wanted`, excluding the very last one. */
function lastNotAbove(ascending: readonly number[], wanted: number): number {
  let low = 0;
  let high = ascending.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ascending[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
