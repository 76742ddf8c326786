/**
 * Estimates the number of distinct parts from a sample of the combinations: those found, plus the missed ones, estimated
 * from the numbers of parts found exactly once and exactly twice (Chao and Lin, "Nonparametric lower bounds for species
 * richness under sampling without replacement", 2012).
 *
 * @param share of all combinations that was sampled, above 0; 1: all of them
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
  // If every part is found exactly once, there may be as many as combinations.
  return met + Math.min(once ** 2 / (2 * twice + (share / (1 - share)) * once), met / share - met);
}
