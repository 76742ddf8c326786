import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { align } from "@polyreel/media/speech";

/** A phone with its end in seconds from the start of its utterance. */
export interface PhoneTime {
  readonly phone: string;
  readonly endSeconds: number;
}

const PAUSE = "pau";

/** Parses `-pw`: a line for each utterance. Joins endings that flite splits off ("dog 's"). */
export const parseWords = (printed: string): string[][] =>
  lines(printed).map((line) =>
    line
      .replace(/ '/g, "'")
      .split(" ")
      .map((word) => word.replace(/^_/, ""))
      // Punctuation, which is not spoken.
      .filter((word) => !/^[.,:;!?'"()-]*$/.test(word)),
  );

/** Parses `-ps` of separate words: a line for each. Omits pauses. */
export const parsePhones = (printed: string): string[][] =>
  lines(printed).map((line) => line.split(" ").filter((phone) => phone !== PAUSE));

/** Parses `-psdur`: a line for each utterance, "pau:0.174 l:0.344". */
export const parsePhoneTimes = (printed: string): PhoneTime[][] =>
  lines(printed).map((line) =>
    line.split(" ").map((item) => {
      const [phone = "", end] = item.split(":");
      return { phone, endSeconds: Number(end) };
    }),
  );

const lines = (printed: string): string[] => printed.split("\n").flatMap((line) => line.trim() || []);

/**
 * Start and end of each word.
 *
 * @param utterances words of each utterance
 * @param alone phones of each word, spoken alone
 * @param spoken phones of each utterance as spoken
 * @param seconds length of the speech. Older voices print a longer last pause than they make, so the next utterance
 * starts earlier by the difference
 * @returns empty if the three do not match
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
    const owners = wordsOfPhones(alone.slice(first, first + words.length), phones);
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
 * The word of each spoken phone (undefined for a pause): phones of words differ slightly in a sentence ("the", "a",
 * merged consonants).
 */
function wordsOfPhones(words: readonly (readonly string[])[], spoken: readonly PhoneTime[]): (number | undefined)[] {
  const expected = words.flatMap((phones, owner) => phones.map((item) => ({ item, owner })));
  const sounding = [...spoken.keys()].filter((position) => spoken[position]?.phone !== PAUSE);
  const owners: (number | undefined)[] = new Array(spoken.length).fill(undefined);
  const found = align(
    expected,
    sounding.map((position) => spoken[position]?.phone ?? ""),
  );
  for (const [i, position] of sounding.entries()) owners[position] = found[i];
  return owners;
}
