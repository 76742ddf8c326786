import { type StoredFile, typeOf } from "./drive-contents.js";

type Term = (file: StoredFile, isTrashed: boolean) => boolean;

const TEXT = "'((?:[^'\\\\]|\\\\.)*)'";

/** The terms of Drive's search language that Polyreel uses. */
const TERMS: readonly [RegExp, (...values: string[]) => Term][] = [
  [
    new RegExp(`${TEXT} in parents`, "y"),
    (id = "") =>
      (file) =>
        file.parents.includes(id),
  ],
  // Drive compares names without regard to case.
  [
    new RegExp(`name = ${TEXT}`, "y"),
    (name = "") =>
      (file) =>
        file.name.toLowerCase() === name.toLowerCase(),
  ],
  [
    new RegExp(`mimeType = ${TEXT}`, "y"),
    (type = "") =>
      (file) =>
        typeOf(file) === type,
  ],
  [/trashed = false/y, () => (_file, isTrashed) => !isTrashed],
  [
    new RegExp(`appProperties has \\{ key=${TEXT} and value=${TEXT} \\}`, "y"),
    (key = "", value = "") =>
      (file) =>
        file.appProperties.get(key) === value,
  ],
];

/** Undefined for a search that Drive would refuse. */
export function parseSearch(search: string): Term | undefined {
  const terms: Term[] = [];
  for (let at = 0; at < search.length; ) {
    if (terms.length > 0) {
      if (!search.startsWith(" and ", at)) return undefined;
      at += " and ".length;
    }
    const length = terms.length;
    for (const [pattern, toTerm] of TERMS) {
      pattern.lastIndex = at;
      const match = pattern.exec(search);
      if (!match) continue;
      terms.push(toTerm(...match.slice(1).map((text) => text.replace(/\\(.)/g, "$1"))));
      at = pattern.lastIndex;
      break;
    }
    if (terms.length === length) return undefined;
  }
  return (file, isTrashed) => terms.every((term) => term(file, isTrashed));
}
