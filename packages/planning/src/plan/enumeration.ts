/** Every tuple of positions, one along each axis of the given size: mixed-radix counting, the last axis fastest. */
export function* enumerate(sizes: readonly number[]): Generator<readonly number[]> {
  if (sizes.some((size) => size < 1)) return;
  const positions = sizes.map(() => 0);
  for (;;) {
    yield [...positions];
    let axis = sizes.length - 1;
    for (; axis >= 0; axis--) {
      const next = (positions[axis] ?? 0) + 1;
      positions[axis] = next < (sizes[axis] ?? 0) ? next : 0;
      if (positions[axis] !== 0) break;
    }
    if (axis < 0) return;
  }
}
