import type { Lexicon, VoiceSettings } from "@polyreel/contract";
import { UNSPACED } from "./unspaced.js";

/** Words and how they are said. */
export type Words = Readonly<Record<string, string>>;

/** A tree of words by their UTF-16 units in lower case, so that a text is read once, however many words there are. */
interface Branch {
  readonly next: Map<string, Branch>;
  /** How words that end here are said, by their own letter case. Those in lower case stand for any. */
  words?: Map<string, string>;
}

interface Found {
  readonly length: number;
  readonly say: string;
}

/**
 * A text as it is to be spoken: the words of lexicons replaced by how they are said. Whole words only, the longest first, of
 * equally long ones that of the earliest lexicon; what was put in is not replaced again. In scripts without spaces, words are
 * found anywhere.
 */
export function sayWords(text: string, lexicons: readonly Words[]): string {
  const used = lexicons.map(treeOf);
  const written = text.normalize("NFC");
  const lower = lowerCase(written);
  let said = "";
  let end = 0;
  for (let at = 0; at < written.length; at++) {
    const found = used
      .flatMap((tree) => wordAt(at, written, lower, tree) ?? [])
      .reduce<Found | undefined>((best, one) => (best && best.length >= one.length ? best : one), undefined);
    if (!found) continue;
    said += written.slice(end, at) + found.say;
    end = at + found.length;
    at = end - 1;
  }
  return end === 0 ? text : said + written.slice(end);
}

/** The longest word at a position. */
function wordAt(at: number, written: string, lower: string, root: Branch): Found | undefined {
  let found: Found | undefined;
  let branch = root.next.get(lower.charAt(at));
  for (let end = at + 1; branch; end++) {
    const say = branch.words?.get(written.slice(at, end)) ?? branch.words?.get(lower.slice(at, end));
    if (say !== undefined && isWhole(written, at, end)) found = { length: end - at, say };
    branch = end < lower.length ? branch.next.get(lower.charAt(end)) : undefined;
  }
  return found;
}

/** The words that lexicons have for a voice, by the language that it speaks. */
export function wordsFor(
  { language }: { readonly language: string },
  settings: Pick<VoiceSettings, "language"> | undefined,
  lexicons: readonly Pick<Lexicon, "language" | "words">[],
): Words[] {
  const spoken = (settings?.language || language).toLowerCase();
  const isSpoken = (wanted: string) => wanted === "" || spoken === wanted || spoken.startsWith(`${wanted}-`);
  return lexicons.filter((lexicon) => isSpoken(lexicon.language.toLowerCase())).map(({ words }) => words);
}

/** A lexicon is used for many texts. */
const trees = new WeakMap<Words, Branch>();

function treeOf(words: Words): Branch {
  const known = trees.get(words);
  if (known) return known;
  const root: Branch = { next: new Map() };
  for (const [written, say] of Object.entries(words)) {
    const word = written.normalize("NFC");
    let branch: Branch = root;
    for (const unit of lowerCase(word).split("")) {
      const next: Branch = branch.next.get(unit) ?? { next: new Map() };
      branch.next.set(unit, next);
      branch = next;
    }
    branch.words ??= new Map();
    branch.words.set(word, say);
  }
  trees.set(words, root);
  return root;
}

/** In lower case, in as many UTF-16 units. */
const lowerCase = (text: string): string =>
  text.replace(/[\p{Lu}\p{Lt}]/gu, (letter) => {
    const lower = letter.toLowerCase();
    return lower.length === letter.length ? lower : letter;
  });

/** Whether characters of a text are not a part of a longer word, or of a number such as 3.5. */
function isWhole(text: string, from: number, to: number): boolean {
  const [before, after] = [text.slice(Math.max(0, from - 2), from), text.slice(to, to + 2)];
  const [begin, end] = [text.slice(from, Math.min(to, from + 2)), text.slice(Math.max(from, to - 2), to)];
  if (continues([...before].at(-1), [...begin].at(0)) || continues([...end].at(-1), [...after].at(0))) return false;
  return !/\p{N}[.,]\|\p{N}/u.test(`${before}|${begin}`) && !/\p{N}\|[.,]\p{N}/u.test(`${end}|${after}`);
}

const continues = (character = "", next = ""): boolean => isInWord(character) && isInWord(next);

const isInWord = (character: string): boolean => /[\p{L}\p{M}\p{N}_]/u.test(character) && !UNSPACED.test(character);
