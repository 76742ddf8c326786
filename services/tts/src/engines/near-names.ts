const MOST = 3;
/** As many letters may differ, but no more than half of them. */
const FARTHEST = 2;

/** Names that somebody who wrote `name` may have meant, the nearest first: few letters differ, or one begins the other. */
export function nearNames(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  return names
    .map((candidate) => ({ candidate, distance: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.min(FARTHEST, name.length / 2))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ candidate }) => candidate);
}

function distance(a: string, b: string): number {
  if (a === b) return 0;
  // "en" for "en-us", "de-DE" for "de".
  if (a !== "" && (b.startsWith(a) || a.startsWith(`${b}-`))) return 0.5;
  return editDistance(a, b);
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return row[b.length] as number;
}
