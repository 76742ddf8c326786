import type { Sums } from "@polyreel/parts/costs";

/** A linear cost model in core seconds: a fixed cost per making, and a cost per unit. */
export interface Line {
  readonly each: number;
  readonly perUnit: number;
}

/**
 * Minimum number of measurements, with amounts that deviate by this share of their mean on average, to separate fixed
 * and variable costs.
 */
const ENOUGH = 8;
const SPREAD = 0.25;

export const costOn = ({ each, perUnit }: Line, amount: number, count = 1): number => count * each + amount * perUnit;

/**
 * A least squares fit of the measurements. If the amounts are too similar, or if chance would make larger ones cheaper:
 * the default line, scaled to the measurements.
 */
export function lineThrough(sums: Sums | undefined, elsewhere: Line): Line {
  if (!sums || sums.parts === 0) return elsewhere;
  const { parts, coreSeconds, amount } = sums;
  const mean = amount / parts;
  const variance = sums.amountSquares / parts - mean ** 2;
  if (parts >= ENOUGH && variance > (SPREAD * mean) ** 2) {
    const perUnit = (sums.amountSeconds / parts - (mean * coreSeconds) / parts) / variance;
    const each = coreSeconds / parts - perUnit * mean;
    if (perUnit >= 0 && each >= 0) return { each, perUnit };
  }
  const scale = coreSeconds / costOn(elsewhere, amount, parts);
  return { each: elsewhere.each * scale, perUnit: elsewhere.perUnit * scale };
}
