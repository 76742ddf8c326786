/**
 * How many distinct parts there are, where only some of the combinations were looked at: those that were met, and by how
 * many of them were met just once and just twice how many were missed (Chao and Lin, "Nonparametric lower bounds for species
 * richness under sampling without replacement", 2012).
 *
 * @param share of all combinations that was looked at, above 0; 1: all of them
 */
export function estimatedDistinct(parts: Iterable<{ readonly uses: number }>, share: number): number {
  let met = 0;
  let once = 0;
  let twice = 0;
  for (const { uses } of parts) {
    met++;
    if (uses === 1) once++;
    else if (uses === 2) twice++;
  }
  if (share >= 1 || once === 0) return met;
  // Parts that are met once each and never twice may be as many as the combinations themselves.
  return met + Math.min(once ** 2 / (2 * twice + (share / (1 - share)) * once), met / share - met);
}
