/** The largest size: a network of two halves of 26 bits, exact in a double. */
export const MAX_PERMUTED = 2 ** 52;

const ROUNDS = 8;
/** Fewer bits mix badly. Cycle-walking into a small range costs a few more steps, but there are few numbers then. */
const MIN_HALF_BITS = 4;

/**
 * A permutation of the numbers below `size`, determined by the seed, without storing it: returns the number at a
 * position. A Feistel network over the next even power of two, with cycle-walking (Black and Rogaway, "Ciphers with
 * Arbitrary Finite Domains", 2002).
 */
export function permutationOf(size: number, seed: bigint): (place: number) => number {
  const halfBits = Math.max(MIN_HALF_BITS, Math.ceil(Math.log2(Math.max(2, size)) / 2));
  const half = 2 ** halfBits;
  const mask = half - 1;
  const keys = roundKeys(seed);

  const forward = (number: number): number => {
    let left = Math.floor(number / half);
    let right = number % half;
    for (let round = 0; round < ROUNDS; round++) {
      [left, right] = [right, left ^ (mix(right, keys[round] ?? 0) & mask)];
    }
    return left * half + right;
  };
  return (place) => {
    let number = forward(place);
    while (number >= size) number = forward(number);
    return number;
  };
}

/** Keys of the rounds from both halves of the seed. */
function roundKeys(seed: bigint): number[] {
  const low = Number(seed & 0xffff_ffffn);
  const high = Number((seed >> 32n) & 0xffff_ffffn);
  return Array.from({ length: ROUNDS }, (_, round) => mix(mix(low, round + 1), high ^ Math.imul(round, 0x9e3779b9)));
}

/** The finaliser of MurmurHash3 over a value and a key: every bit of them affects every bit of the result. */
export function mix(value: number, key: number): number {
  let hash = (value ^ key) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16) ^ key;
}
