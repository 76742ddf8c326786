/** A word, or its part in one line. */
export interface WordSpan {
  /** Index in the phrase. */
  word: number;
  /** Offsets in the line's text, the second exclusive. */
  start: number;
  end: number;
}

/** Number of characters (code points) of a text; spaces and controls don't count, because line breaking may remove them. */
export const characters = (text: string): number => [...text.normalize("NFC")].filter(counts).length;

const counts = (character: string): boolean => !/[\s\p{Cc}]/u.test(character);

/** The words of a phrase in each of its lines. `wordEnds`: number of characters up to the end of each word. */
export function wordSpans(lines: readonly { text: string }[], wordEnds: readonly number[]): WordSpan[][] {
  let count = 0;
  let word = 0;
  return lines.map(({ text }) => {
    const spans: WordSpan[] = [];
    let end = 0;
    for (const character of text) {
      const start = end;
      end += character.length;
      if (!counts(character)) continue;
      while (word < wordEnds.length - 1 && count >= (wordEnds[word] ?? 0)) word++;
      count++;
      const last = spans.at(-1);
      if (last?.word === word) last.end = end;
      else spans.push({ word, start, end });
    }
    return spans;
  });
}
