/** What a stretch of sound consists of. */
export interface Unmixed {
  /** Of each reference: how much louder it is heard than it is. NaN where it is silent. */
  readonly gainsDb: readonly number[];
  /** How much louder the stretch is than what the references do not explain. */
  readonly explainedDb: number;
}

/**
 * Takes a sound apart into references of the same length, each at one gain: least squares, by the normal equations. What
 * comes later than its reference by as little as a sample is not explained by it.
 */
export function unmix(heard: Float32Array, references: readonly Float32Array[]): Unmixed {
  const rows = references.map((row) => [...references.map((column) => product(row, column)), product(row, heard)]);
  const gains = solve(rows);
  let unexplained = 0;
  for (let i = 0; i < heard.length; i++) {
    const sum = references.reduce((total, reference, r) => total + (gains[r] as number) * (reference[i] ?? 0), 0);
    unexplained += ((heard[i] as number) - sum) ** 2;
  }
  return {
    gainsDb: gains.map((gain) => 20 * Math.log10(gain)),
    explainedDb: 10 * Math.log10(product(heard, heard) / unexplained),
  };
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Gauss and Jordan. Each row holds the factors of one equation, and its result. */
function solve(rows: number[][]): number[] {
  for (const [i, row] of rows.entries()) {
    const pivot = row[i] as number;
    for (let column = i; column < row.length; column++) (row[column] as number) /= pivot;
    for (const other of rows) {
      const factor = other[i] as number;
      if (other === row) continue;
      for (let column = i; column < other.length; column++)
        (other[column] as number) -= factor * (row[column] as number);
    }
  }
  return rows.map((row) => row.at(-1) as number);
}
