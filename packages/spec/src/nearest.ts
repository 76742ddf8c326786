import { distance } from "fastest-levenshtein";

/** The known name that `name` was most likely meant to be; undefined where none is near. */
export const nearest = (name: string, known: Iterable<string>): string | undefined => nearNames(name, known, 1)[0];

/**
 * Suggestions for one request or file, which compare a bounded number of names altogether: a hundred milliseconds of work.
 * After that nothing is suggested any more.
 */
export class Suggestions {
  #comparisons = 0;
  readonly #folded = new WeakMap<readonly string[], readonly Folded[]>();

  nearest(name: string, known: readonly string[]): string | undefined {
    const comparisons = known.length * Math.ceil(Math.min(name.length, LONGEST) / CHEAP_LENGTH);
    if (this.#comparisons + comparisons > MOST_COMPARISONS) return undefined;
    this.#comparisons += comparisons;
    const folded = this.#folded.get(known) ?? foldAll(known);
    this.#folded.set(known, folded);
    return nearFolded(name, folded, 1)[0];
  }
}

const MOST_COMPARISONS = 50_000;
/** Longer names take several times as long to compare: one word of bits per so many characters. */
const CHEAP_LENGTH = 32;

/**
 * Up to `most` known names that `name` may have been meant to be, the nearest first: those that hold it ("hebrew" for "Noto
 * Sans Hebrew"), and those that few edits lead to. Case, spaces and punctuation make no difference.
 */
export const nearNames = (name: string, known: Iterable<string>, most: number): string[] =>
  nearFolded(name, foldAll(known), most);

/** A name, and what it is compared by. */
interface Folded {
  readonly candidate: string;
  readonly folded: string;
}

const foldAll = (known: Iterable<string>): Folded[] =>
  Array.from(known, (candidate) => ({ candidate, folded: fold(candidate) }));

function nearFolded(name: string, known: readonly Folded[], most: number): string[] {
  const wanted = fold(name);
  if (wanted === "") return [];
  const furthest = furthestFrom(wanted);
  return known
    .map(({ candidate, folded }) => ({ candidate, edits: editsBetween(wanted, folded) }))
    .filter(({ edits }) => edits <= furthest)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Letters that may differ: a third of them, of short names half, so that two that are swapped ("nmae") are found. */
const furthestFrom = ({ length }: string): number =>
  Math.min(MOST_EDITS, Math.max(Math.floor(length / 3), Math.min(2, Math.floor(length / 2))));

const MOST_EDITS = 3;

/** What is only cut short is about as near as what is mistyped in one letter. */
function editsBetween(wanted: string, known: string): number {
  const edits = distance(wanted, known);
  return edits > 0 && cutShort(wanted, known) ? edits / (edits + 1) : edits;
}

const cutShort = (wanted: string, known: string): boolean =>
  known.startsWith(wanted) || (wanted.length > 2 && known.includes(wanted));

/** What names are compared by. Longer ones are cut: nobody mistypes so much. */
const fold = (name: string): string =>
  name
    .slice(0, LONGEST)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

const LONGEST = 100;
