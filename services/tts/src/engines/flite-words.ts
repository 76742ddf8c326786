import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";

/** A phone and when it ends, in seconds from the start of its utterance. */
export interface PhoneTime {
  readonly phone: string;
  readonly endSeconds: number;
}

const PAUSE = "pau";

/** `-pw`: a line for each utterance. Endings that flite splits off ("dog 's") belong to their word. */
export const parseWords = (printed: string): string[][] =>
  lines(printed).map((line) =>
    line
      .replace(/ '/g, "'")
      .split(" ")
      .map((word) => word.replace(/^_/, ""))
      // Marks without a sound of their own.
      .filter((word) => !/^[.,:;!?'"()-]*$/.test(word)),
  );

/** `-ps` of words that stand alone: a line for each, pauses left out. */
export const parsePhones = (printed: string): string[][] =>
  lines(printed).map((line) => line.split(" ").filter((phone) => phone !== PAUSE));

/** `-psdur`: a line for each utterance, "pau:0.174 l:0.344". */
export const parsePhoneTimes = (printed: string): PhoneTime[][] =>
  lines(printed).map((line) =>
    line.split(" ").map((item) => {
      const [phone = "", end] = item.split(":");
      return { phone, endSeconds: Number(end) };
    }),
  );

const lines = (printed: string): string[] => printed.split("\n").flatMap((line) => line.trim() || []);

/**
 * When each word is spoken.
 *
 * @param utterances words of each utterance
 * @param alone phones of each word, spoken alone
 * @param spoken phones of each utterance as they were spoken
 * @param seconds length of the speech. The older voices print a longer last pause than they make; every utterance begins so
 * much earlier.
 * @returns nothing where the three don't belong together
 */
export function wordTimes(
  utterances: readonly (readonly string[])[],
  alone: readonly (readonly string[])[],
  spoken: readonly (readonly PhoneTime[])[],
  seconds: number,
): SpokenWord[] {
  if (utterances.length !== spoken.length || utterances.flat().length !== alone.length) return [];
  const printedSeconds = spoken.reduce((sum, phones) => sum + (phones.at(-1)?.endSeconds ?? 0), 0);
  const surplus = Math.max(0, printedSeconds - seconds) / spoken.length;
  const times: SpokenWord[] = [];
  let start = 0;
  let first = 0;
  utterances.forEach((words, i) => {
    const phones = spoken[i] ?? [];
    const owners = align(alone.slice(first, first + words.length), phones);
    for (const [word, text] of words.entries()) {
      const from = owners.indexOf(word);
      const to = owners.lastIndexOf(word);
      const startSeconds = from < 0 ? (times.at(-1)?.endSeconds ?? start) : start + startOf(phones, from);
      const endSeconds = to < 0 ? startSeconds : start + (phones[to]?.endSeconds ?? 0);
      times.push(create(SpokenWordSchema, { text, startSeconds, endSeconds }));
    }
    start += (phones.at(-1)?.endSeconds ?? 0) - surplus;
    first += words.length;
  });
  return times;
}

const startOf = (phones: readonly PhoneTime[], position: number): number => phones[position - 1]?.endSeconds ?? 0;

/**
 * Which word each spoken phone belongs to (undefined: a pause). Phones of words differ a little in a sentence ("the", "a",
 * consonants that melt together), so the two sequences are aligned at the least edit distance (Needleman and Wunsch).
 */
function align(words: readonly (readonly string[])[], spoken: readonly PhoneTime[]): (number | undefined)[] {
  const expected = words.flatMap((phones, word) => phones.map((phone) => ({ phone, word })));
  const heard = [...spoken.keys()].filter((position) => spoken[position]?.phone !== PAUSE);
  const width = heard.length + 1;
  const cost = new Uint32Array((expected.length + 1) * width);
  const at = (row: number, column: number): number => cost[row * width + column] as number;
  const step = (row: number, column: number): number =>
    expected[row - 1]?.phone === spoken[heard[column - 1] as number]?.phone ? 0 : 1;
  for (let row = 0; row <= expected.length; row++) {
    for (let column = 0; column < width; column++) {
      cost[row * width + column] =
        row === 0 || column === 0
          ? row + column
          : Math.min(at(row - 1, column - 1) + step(row, column), at(row - 1, column) + 1, at(row, column - 1) + 1);
    }
  }
  const owners: (number | undefined)[] = new Array(spoken.length).fill(undefined);
  for (let row = expected.length, column = heard.length; row > 0 && column > 0; ) {
    const here = at(row, column);
    if (here === at(row - 1, column) + 1) {
      row--;
      continue;
    }
    owners[heard[column - 1] as number] = expected[row - 1]?.word;
    if (here === at(row - 1, column - 1) + step(row, column)) row--;
    column--;
  }
  return owners;
}
