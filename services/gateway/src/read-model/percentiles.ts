import type { Percentiles } from "./read-model.js";

/** Discrete percentiles, like SQL's percentile_disc: the smallest value with at least that share of values not above it. */
export function percentiles(values: readonly (number | undefined)[]): Percentiles {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const at = (fraction: number) => sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
}
