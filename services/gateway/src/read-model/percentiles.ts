import type { Percentiles } from "./read-model.js";

/** Discrete percentiles, as SQL's percentile_disc has them: the smallest value that so many are not above. */
export function percentiles(values: readonly (number | undefined)[]): Percentiles {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const at = (fraction: number) => sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
}
