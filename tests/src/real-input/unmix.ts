/** Components of a stretch of sound. */
export interface Unmixed {
  /** Gain of each reference. NaN if it is silent. */
  readonly gainsDb: readonly number[];
  /** Level of the stretch relative to the part that the references do not explain. */
  readonly explainedDb: number;
}

/**
 * Decomposes a sound into references of the same length, each with one gain: least squares, by the normal equations. A
 * delay of even one sample is not explained.
 */
export function unmix(mix: Float32Array, references: readonly Float32Array[]): Unmixed {
  const rows = references.map((row) => [...references.map((column) => product(row, column)), product(row, mix)]);
  const gains = solve(rows);
  let unexplained = 0;
  for (let i = 0; i < mix.length; i++) {
    const sum = references.reduce((total, reference, r) => total + (gains[r] as number) * (reference[i] ?? 0), 0);
    unexplained += ((mix[i] as number) - sum) ** 2;
  }
  return {
    gainsDb: gains.map((gain) => 20 * Math.log10(gain)),
    explainedDb: 10 * Math.log10(product(mix, mix) / unexplained),
  };
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Gauss-Jordan elimination. Each row has the coefficients of one equation, and its result. */
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
