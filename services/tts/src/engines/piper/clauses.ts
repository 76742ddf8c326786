/** Marks that a Piper model has learned as pauses and melody. */
export type Mark = "." | "?" | "!" | "," | ";" | ":";

/** A stretch of text that is spoken without a pause, and the mark at its end. */
export interface Clause {
  readonly text: string;
  readonly mark: Mark | "";
}

/** Signs of all scripts that stand for a mark. */
const MARKS: readonly (readonly [Mark, string])[] = [
  [".", ".…。．।॥۔።"],
  ["?", "?？؟"],
  ["!", "!！"],
  [",", ",，、،፣"],
  [";", ";；؛"],
  [":", ":："],
];
const markOf = new Map<string, Mark>(MARKS.flatMap(([mark, signs]) => [...signs].map((sign) => [sign, mark] as const)));

/** ASCII signs only before a space or the end: not those of 3.5, 10:30 and example.com. Others end a clause anywhere. */
const ENDS =
  /(?<signs>[.…?!,;:]+)(?=["'”’»)\]]*(?:\s|$))|(?<wide>[。．।॥۔።？؟！，、،፣；؛：])|(?<dash>\s[–—-]+\s)|(?<paragraph>\n\s*\n)/gu;
const ENDS_SENTENCE = new Set<Mark | "">([".", "?", "!"]);

/** Splits a text into sentences of clauses, by punctuation; nothing is lost but the punctuation itself. Pure. */
export function sentencesOf(text: string): Clause[][] {
  const sentences: Clause[][] = [];
  let sentence: Clause[] = [];
  let from = 0;
  const add = (to: number, mark: Clause["mark"], isLast: boolean) => {
    const clause = text.slice(from, to).replace(/\s+/gu, " ").trim();
    if (/[\p{L}\p{N}\p{S}]/u.test(clause)) sentence.push({ text: clause, mark });
    if (isLast && sentence.length > 0) {
      sentences.push(sentence);
      sentence = [];
    }
  };
  for (const { 0: found, index, groups = {} } of text.matchAll(ENDS)) {
    const mark = groups.dash ? "," : (strongest(groups.signs ?? groups.wide ?? "") ?? "");
    add(index, mark, groups.paragraph !== undefined || ENDS_SENTENCE.has(mark));
    from = index + found.length;
  }
  add(text.length, "", true);
  return sentences;
}

/** "?!" asks, "..." pauses. */
function strongest(signs: string): Mark | undefined {
  const marks = new Set([...signs].map((sign) => markOf.get(sign)));
  return MARKS.map(([mark]) => mark)
    .toSorted((a, b) => "?!.;:,".indexOf(a) - "?!.;:,".indexOf(b))
    .find((mark) => marks.has(mark));
}
