import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { align } from "./align.js";

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
 * Which word each spoken phone belongs to (undefined: a pause): phones of words differ a little in a sentence ("the", "a",
 * consonants that melt together).
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
