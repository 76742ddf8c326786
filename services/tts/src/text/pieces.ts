/** A part of a text between spaces, as written and as an engine should read it. */
export interface Piece {
  readonly written: string;
  /** Empty if it is not spoken. */
  readonly spoken: string;
  /** The white space before it. */
  readonly space: string;
}

/** Rewrites text that engines misread. */
export interface Rule {
  /** With the flags "g" and "u". */
  readonly pattern: RegExp;
  /** The words to speak for a match; undefined to keep it as written. */
  readonly spoken: (match: RegExpExecArray) => string | undefined;
}

/** A stretch of a text; later rules skip rewritten ones, and they are not split at spaces. */
interface Stretch {
  readonly written: string;
  readonly spoken?: string;
}

/** Splits a text at white space and rewrites its parts; earlier rules win. Joined, the pieces are the whole text. */
export function splitPieces(text: string, rules: readonly Rule[]): Piece[] {
  const stretches = rules.reduce<Stretch[]>(
    (all, rule) => all.flatMap((one) => (one.spoken === undefined ? rewritten(one.written, rule) : [one])),
    [{ written: text }],
  );
  const pieces: { written: string; spoken: string; space: string }[] = [];
  let space: string | undefined = "";
  const add = (written: string, spoken: string) => {
    const last = pieces.at(-1);
    if (space === undefined && last) {
      last.written += written;
      last.spoken += spoken;
    } else pieces.push({ written, spoken, space: space ?? "" });
    space = undefined;
  };
  for (const { written, spoken } of stretches) {
    if (spoken !== undefined) add(written, spoken);
    else {
      for (const part of written.split(/(\s+)/).filter(Boolean)) {
        if (/^\s/.test(part)) space = (space ?? "") + part;
        else add(part, part);
      }
    }
  }
  return pieces;
}

/** The text for an engine. */
export const spokenText = (pieces: readonly Piece[]): string =>
  pieces.map(({ space, spoken }) => space + spoken).join("");

function rewritten(text: string, { pattern, spoken }: Rule): Stretch[] {
  const found: Stretch[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const words = spoken(match);
    if (words === undefined) continue;
    if (match.index > end) found.push({ written: text.slice(end, match.index) });
    found.push({ written: match[0], spoken: words });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ written: text.slice(end) });
  return found;
}
