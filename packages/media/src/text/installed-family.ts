import { PolyreelError } from "@polyreel/platform/errors.js";

const SHOWN = 5;

/**
 * The installed family of this name, as it is written there; case, spaces and hyphens make no difference. Throws
 * PolyreelError `invalid` with the nearest names where there is none.
 */
export function installedFamily(name: string, installed: readonly string[]): string {
  const wanted = fold(name);
  const found = installed.find((family) => fold(family) === wanted);
  if (found !== undefined) return found;
  const near = nearFamilies(wanted, installed);
  const some =
    near.length > 0 ? `Did you mean ${quoted(near, "or")}?` : `Installed are ${quoted(sample(installed), "and")}.`;
  throw new PolyreelError("invalid", {
    reason: `No font family ${JSON.stringify(name.slice(0, LONGEST))} is installed on the machine that renders.`,
    remedy: `${some} "fc-list : family" there lists all ${installed.length}; or give the font's file instead.`,
  });
}

const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** So many letters may differ, but no more than a third of them. */
const FARTHEST = 3;

/** Families whose names hold all of this one, or differ from it little. */
function nearFamilies(wanted: string, installed: readonly string[]): string[] {
  if (wanted === "") return [];
  const distances = installed.map((family) => ({ family, distance: distance(wanted, fold(family)) }));
  return distances
    .filter(({ distance }) => distance <= Math.min(FARTHEST, Math.max(1, wanted.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.family.length - b.family.length)
    .slice(0, SHOWN)
    .map(({ family }) => family);
}

const distance = (wanted: string, family: string): number =>
  wanted.length > 2 && family.includes(wanted) ? 0 : editDistance(wanted.slice(0, LONGEST), family);

/** Longer names are cut before they are compared. */
const LONGEST = 100;

/** How many letters must be put in, taken out or changed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}

/** Those with the shortest names: of large families with a member for every script, the one that people mean. */
const sample = (installed: readonly string[]): string[] =>
  installed.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, SHOWN);

function quoted(names: readonly string[], before: string): string {
  const all = names.map((name) => JSON.stringify(name));
  return all.length > 1 ? `${all.slice(0, -1).join(", ")} ${before} ${all.at(-1)}` : (all[0] ?? "none");
}
