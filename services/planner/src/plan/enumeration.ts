/**
 * The order of combinations: mixed-radix counting, the last block fastest. `sizes` are the blocks' numbers of choices;
 * a combination is the position of its choice in each block.
 */
export function* enumerate(sizes: readonly number[]): Generator<readonly number[]> {
  if (sizes.some((size) => size < 1)) return;
  const positions = sizes.map(() => 0);
  for (;;) {
    yield [...positions];
    let block = sizes.length - 1;
    for (; block >= 0; block--) {
      const next = (positions[block] ?? 0) + 1;
      positions[block] = next < (sizes[block] ?? 0) ? next : 0;
      if (positions[block] !== 0) break;
    }
    if (block < 0) return;
  }
}
