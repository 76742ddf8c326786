import { distance } from "fastest-levenshtein";

/** The known name that `name` is most likely a misspelling of; undefined if none is near. */
export const nearest = (name: string, known: Iterable<string>): string | undefined => nearNames(name, known, 1)[0];

/**
 * Suggestions for one request or file, limited to a total number of comparisons (about a hundred milliseconds).
 * Afterwards nothing is suggested.
 */
export class Suggestions {
  #comparisons = 0;
  readonly #folded = new WeakMap<readonly string[], readonly Folded[]>();

  nearest(name: string, known: readonly string[]): string | undefined {
    const comparisons = known.length * Math.ceil(Math.min(name.length, LONGEST) / CHEAP_LENGTH);
    if (this.#comparisons + comparisons > MAX_COMPARISONS) return undefined;
    this.#comparisons += comparisons;
    const folded = this.#folded.get(known) ?? foldAll(known);
    this.#folded.set(known, folded);
    return nearFolded(name, folded, 1)[0];
  }
}

const MAX_COMPARISONS = 50_000;
/** Longer names take several times as long to compare: the algorithm uses one bit word for this many characters. */
const CHEAP_LENGTH = 32;

/**
 * Up to `most` known names that `name` may stand for, the nearest first: those that contain it ("hebrew" for "Noto Sans
 * Hebrew"), and those a few edits away. Case, spaces and punctuation are ignored.
 */
export const nearNames = (name: string, known: Iterable<string>, limit: number): string[] =>
  nearFolded(name, foldAll(known), limit);

/** A name and its folded form. */
interface Folded {
  readonly candidate: string;
  readonly folded: string;
}

const foldAll = (known: Iterable<string>): Folded[] =>
  Array.from(known, (candidate) => ({ candidate, folded: fold(candidate) }));

function nearFolded(name: string, known: readonly Folded[], limit: number): string[] {
  const wanted = fold(name);
  if (wanted === "") return [];
  const limitOfEdits = maxEdits(wanted);
  return known
    .map(({ candidate, folded }) => ({ candidate, edits: editsBetween(wanted, folded) }))
    .filter(({ edits }) => edits <= limitOfEdits)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** Allowed edits: a third of the letters, half for short names, so that swapped letters ("nmae") are found. */
const maxEdits = ({ length }: string): number =>
  Math.min(MAX_EDITS, Math.max(Math.floor(length / 3), Math.min(2, Math.floor(length / 2))));

const MAX_EDITS = 3;

/** An abbreviation counts about as near as a single wrong letter. */
function editsBetween(wanted: string, known: string): number {
  const edits = distance(wanted, known);
  return edits > 0 && cutShort(wanted, known) ? edits / (edits + 1) : edits;
}

const cutShort = (wanted: string, known: string): boolean =>
  known.startsWith(wanted) || (wanted.length > 2 && known.includes(wanted));

/** Folds a name for comparison, and limits its length: nobody mistypes more. */
const fold = (name: string): string =>
  name
    .slice(0, LONGEST)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

const LONGEST = 100;
