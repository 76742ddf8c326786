import type { Sums } from "@polyreel/parts/costs";

/** What makings cost, in core seconds: so much each, and so much for each unit of what they make. */
export interface Line {
  readonly each: number;
  readonly perUnit: number;
}

/** So many at least, of amounts that differ by this share of their mean on average, tell what is fixed from what grows. */
const ENOUGH = 8;
const SPREAD = 0.25;

export const costOn = ({ each, perUnit }: Line, amount: number, count = 1): number => count * each + amount * perUnit;

/**
 * The line through what was measured (least squares). Where all were about alike, which tells only what those cost, or where
 * chance would make the larger the cheaper: the line as it is elsewhere, scaled to what they took.
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
