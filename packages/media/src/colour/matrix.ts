/** Three rows of three. */
export type Matrix = readonly [Triple, Triple, Triple];
export type Triple = readonly [number, number, number];

const times = (row: Triple, [x, y, z]: Triple): number => row[0] * x + row[1] * y + row[2] * z;

export const apply = ([a, b, c]: Matrix, vector: Triple): Triple => [
  times(a, vector),
  times(b, vector),
  times(c, vector),
];

export const transposed = ([a, b, c]: Matrix): Matrix => [
  [a[0], b[0], c[0]],
  [a[1], b[1], c[1]],
  [a[2], b[2], c[2]],
];

export function multiplied([a, b, c]: Matrix, right: Matrix): Matrix {
  const columns = transposed(right);
  return [apply(columns, a), apply(columns, b), apply(columns, c)];
}

export const diagonal = ([a, b, c]: Triple): Matrix => [
  [a, 0, 0],
  [0, b, 0],
  [0, 0, c],
];

/** Inverts by cofactors. Undefined for a singular matrix. */
export function inverted([a, b, c]: Matrix): Matrix | undefined {
  const [bc, ca, ab] = [cross(b, c), cross(c, a), cross(a, b)];
  const determinant = times(a, bc);
  if (!Number.isFinite(determinant) || Math.abs(determinant) < 1e-9) return undefined;
  const scale = ([x, y, z]: Triple): Triple => [x / determinant, y / determinant, z / determinant];
  return transposed([scale(bc), scale(ca), scale(ab)]);
}

const cross = ([a, b, c]: Triple, [x, y, z]: Triple): Triple => [b * z - c * y, c * x - a * z, a * y - b * x];
