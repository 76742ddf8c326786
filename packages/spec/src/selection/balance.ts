/** Choices of a dimension scored for one combination. */
export const MAX_SCORED = 256;

/** Limit for counted pairs of choices of all dimensions: 16 MB. Pairs beyond it are left to chance, the most numerous ones. */
const MAX_PAIRS = 4_000_000;
/** Above every sum of pairs: fewer combinations are counted, and a batch has at most 65 dimensions. */
const COUNT_WEIGHT = 2 ** 32;

/** How often each choice was taken, alone and with the choices of other dimensions. */
export class Balance {
  readonly #counts: readonly Uint32Array[];
  /** By dimension: for each earlier dimension whose pairs are counted, the counts, by the digits of both. */
  readonly #pairs: readonly (readonly { readonly other: number; readonly counts: Uint32Array }[])[];
  /** Counts read at most for one combination. */
  readonly cost: number;

  constructor(readonly sizes: readonly number[]) {
    this.#counts = sizes.map((size) => new Uint32Array(size));
    this.#pairs = pairsOf(sizes);
    const scored = sizes.map((size, level) => Math.min(size, MAX_SCORED) * (1 + (this.#pairs[level]?.length ?? 0)));
    this.cost = scored.reduce((sum, one) => sum + one, 1);
  }

  /** Less is better: by the number of times a choice was taken, then by those with the digits of earlier dimensions. */
  score(level: number, digit: number, digits: readonly number[]): number {
    const size = this.sizes[level] ?? 0;
    let together = 0;
    for (const { other, counts } of this.#pairs[level] ?? [])
      together += counts[(digits[other] ?? 0) * size + digit] ?? 0;
    return (this.#counts[level]?.[digit] ?? 0) * COUNT_WEIGHT + together;
  }

  /** Counts a combination. */
  add(digits: readonly number[]): void {
    for (const [level, digit] of digits.entries()) {
      const size = this.sizes[level] ?? 0;
      increment(this.#counts[level], digit);
      for (const { other, counts } of this.#pairs[level] ?? []) increment(counts, (digits[other] ?? 0) * size + digit);
    }
  }
}

function increment(counts: Uint32Array | undefined, at: number): void {
  if (counts) counts[at] = (counts[at] ?? 0) + 1;
}

/** Pairs with earlier dimensions, the least numerous first. */
function pairsOf(sizes: readonly number[]) {
  const pairs: { other: number; counts: Uint32Array }[][] = sizes.map(() => []);
  const all = sizes.flatMap((size, level) =>
    sizes.slice(0, level).map((before, other) => ({ level, other, number: before * size })),
  );
  let counted = 0;
  for (const { level, other, number } of all.sort((a, b) => a.number - b.number)) {
    counted += number;
    if (counted > MAX_PAIRS) break;
    if (sizes[level] !== 1 && sizes[other] !== 1) pairs[level]?.push({ other, counts: new Uint32Array(number) });
  }
  return pairs;
}
