import LineBreaker from "linebreak";

/** A line of text, and its overall direction. */
export interface Line {
  text: string;
  direction: "ltr" | "rtl";
}

/** Width of a line in pixels. */
export type Measure = (line: string) => number;

/**
 * Breaks a text into lines of a maximum width. Line breaks in the text are kept, blank lines around it are removed.
 * Lines end where Unicode's line breaking (UAX #14) allows it, within Thai, Lao, Khmer and Burmese between words; a
 * word that is too wide for its own line is cut between graphemes.
 */
export function breakLines(text: string, maxWidth: number, measure: Measure): Line[] {
  return paragraphs(text).flatMap((paragraph) => {
    const direction = directionOf(paragraph);
    return fillLines(pieces(paragraph), maxWidth, measure).map((line) => ({ text: line, direction }));
  });
}

/** Width of the widest unbreakable piece. */
export const widestPiece = (text: string, measure: Measure): number =>
  Math.max(0, ...paragraphs(text).flatMap((paragraph) => pieces(paragraph).map((piece) => measure(piece.trimEnd()))));

function paragraphs(text: string): string[] {
  const lines = text.normalize("NFC").split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/);
  const cleaned = lines.map((line) => line.replace(/\t/g, " ").replace(CONTROLS, "").trim());
  const first = cleaned.findIndex((line) => line !== "");
  const last = cleaned.findLastIndex((line) => line !== "");
  return first < 0 ? [] : cleaned.slice(first, last + 1);
}

/** Invisible; some fonts draw a box. */
const CONTROLS = /\p{Cc}/gu;

/** Fills lines greedily. */
function fillLines(pieces: readonly string[], maxWidth: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    const longer = line + piece;
    if (measure(longer.trimEnd()) <= maxWidth) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line.trimEnd());
    const cut = cutToWidth(piece, maxWidth, measure);
    lines.push(...cut.slice(0, -1));
    line = cut.at(-1) ?? "";
  }
  lines.push(line.trimEnd());
  return lines;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Cuts a piece into parts of a maximum width, or of one grapheme. */
function cutToWidth(piece: string, maxWidth: number, measure: Measure): string[] {
  if (measure(piece.trimEnd()) <= maxWidth) return [piece];
  const parts: string[] = [];
  let part = "";
  for (const { segment } of graphemes.segment(piece)) {
    if (part !== "" && measure((part + segment).trimEnd()) > maxWidth) {
      parts.push(part);
      part = "";
    }
    part += segment;
  }
  return [...parts, part];
}

/** The smallest unbreakable pieces of a paragraph; spaces belong to the piece before them. */
function pieces(paragraph: string): string[] {
  const found: string[] = [];
  const breaker = new LineBreaker(paragraph);
  let start = 0;
  for (let next = breaker.nextBreak(); next; next = breaker.nextBreak()) {
    found.push(...words(paragraph.slice(start, next.position)));
    start = next.position;
  }
  return found;
}

/** Scripts without spaces between words, which UAX #14 leaves to dictionaries. */
const UNSPACED = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const dictionary = new Intl.Segmenter("und", { granularity: "word" });

/** Splits a piece between words of unspaced scripts, never at anything else, such as punctuation. */
function words(piece: string): string[] {
  if (!UNSPACED.test(piece)) return [piece];
  const found: string[] = [];
  let word = "";
  for (const { segment } of dictionary.segment(piece)) {
    if (UNSPACED.test(segment) && UNSPACED.test(word.slice(-1))) {
      found.push(word);
      word = "";
    }
    word += segment;
  }
  return [...found, word];
}

const RIGHT_TO_LEFT = new RegExp(
  `^[${["Arabic", "Hebrew", "Syriac", "Thaana", "Nko", "Adlam", "Hanifi_Rohingya", "Mandaic", "Samaritan"]
    .map((script) => `\\p{Script=${script}}`)
    .join("")}]`,
  "u",
);

/** Direction of the first strong character, according to the Unicode bidirectional algorithm (UAX #9, P2 and P3). */
export function directionOf(paragraph: string): Line["direction"] {
  const [first = ""] = /[\p{L}\u200e\u200f\u061c]/u.exec(paragraph) ?? [];
  return first === "\u200f" || first === "\u061c" || RIGHT_TO_LEFT.test(first) ? "rtl" : "ltr";
}
