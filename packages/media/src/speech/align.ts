/** An expected item, with the number of its owner. */
export interface Expected {
  readonly item: string;
  readonly owner: number;
}

/**
 * The owner of each found item; undefined if it was not expected. The two sequences differ slightly, so they are
 * aligned with minimal edit distance (Needleman and Wunsch).
 */
export function align(expected: readonly Expected[], found: readonly string[]): (number | undefined)[] {
  const width = found.length + 1;
  const cost = new Uint32Array((expected.length + 1) * width);
  const at = (row: number, column: number): number => cost[row * width + column] as number;
  const step = (row: number, column: number): number => (expected[row - 1]?.item === found[column - 1] ? 0 : 1);
  for (let row = 0; row <= expected.length; row++) {
    for (let column = 0; column < width; column++) {
      cost[row * width + column] =
        row === 0 || column === 0
          ? row + column
          : Math.min(at(row - 1, column - 1) + step(row, column), at(row - 1, column) + 1, at(row, column - 1) + 1);
    }
  }
  const owners: (number | undefined)[] = new Array(found.length).fill(undefined);
  for (let row = expected.length, column = found.length; row > 0 && column > 0; ) {
    const here = at(row, column);
    if (here === at(row - 1, column) + 1) {
      row--;
      continue;
    }
    owners[column - 1] = expected[row - 1]?.owner;
    if (here === at(row - 1, column - 1) + step(row, column)) row--;
    column--;
  }
  return owners;
}
