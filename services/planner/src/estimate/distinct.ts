/**
 * How many distinct parts there are, where only some of the combinations were looked at: those that were met, and by how
 * many were met just once and just twice how many were missed (Chao, "Nonparametric Estimation of the Number of Classes in a
 * Population", 1984, bias-corrected).
 */
export function estimatedDistinct(parts: Iterable<{ readonly uses: number }>): number {
  let met = 0;
  let once = 0;
  let twice = 0;
  for (const { uses } of parts) {
    met++;
    if (uses === 1) once++;
    else if (uses === 2) twice++;
  }
  return met + (once * (once - 1)) / (2 * (twice + 1));
}
