/** The one of `names` that `name` was probably meant to be; undefined where none is near. */
export function nearName(name: string, names: Iterable<string>): string | undefined {
  const wanted = fold(name);
  const furthest = Math.max(1, Math.floor(wanted.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of names) {
    const distance = editDistance(wanted, fold(candidate), furthest);
    if (distance <= furthest && (!best || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** "Did you mean "x"?", or undefined. */
export function didYouMean(name: string, names: Iterable<string>): string | undefined {
  const near = nearName(name, names);
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}

const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Insertions, deletions, replacements and swaps of neighbours between two words; more than `limit` is not counted on. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

const at = (costs: readonly number[], index: number): number => costs[index] ?? Number.POSITIVE_INFINITY;
