/**
 * The letter that each pixel belongs to or is at most `reach` pixels away from, -1 for others. A letter is a connected
 * area of pixels of which at least `inside` is covered; its number is that of its first pixel.
 */
export function nearestLetters(
  covered: Float32Array,
  { width, height, inside, reach }: { width: number; height: number; inside: number; reach: number },
): Int32Array {
  const nearest = new Int32Array(width * height).fill(-1);
  const distance = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  const flood = (start: number) => {
    const open = [start];
    nearest[start] = start;
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      distance[i] = 0;
      for (const j of [i - 1, i + 1, i - width, i + width]) {
        if (nearest[j] !== -1 || (covered[j] ?? 0) < inside) continue;
        nearest[j] = start;
        open.push(j);
      }
    }
  };
  for (let i = 0; i < nearest.length; i++) if (nearest[i] === -1 && (covered[i] ?? 0) >= inside) flood(i);

  // Two passes of a chamfer transform give distances within 8 % (Borgefors, 1986).
  const relax = (i: number, direction: 1 | -1) => {
    for (const [step, length] of [
      [1, 1],
      [width, 1],
      [width + 1, Math.SQRT2],
      [width - 1, Math.SQRT2],
    ] as const) {
      const from = i - direction * step;
      const through = (distance[from] ?? Number.POSITIVE_INFINITY) + length;
      if (through >= (distance[i] ?? 0)) continue;
      distance[i] = through;
      nearest[i] = nearest[from] ?? -1;
    }
  };
  for (let i = 0; i < nearest.length; i++) relax(i, 1);
  for (let i = nearest.length - 1; i >= 0; i--) relax(i, -1);
  return nearest.map((letter, i) => ((distance[i] ?? 0) <= reach ? letter : -1));
}
