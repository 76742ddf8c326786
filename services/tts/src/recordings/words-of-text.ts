import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { splitWords } from "@polyreel/media/speech";
import { writtenWords } from "../engines/written-words.js";

/**
 * The words of a text with the times of those that were heard: one by one if they are as many, otherwise as they match best in
 * their order. Without a text, the words as they were heard.
 */
export function wordsOfText(text: string, heard: readonly SpokenWord[]): SpokenWord[] {
  const written = splitWords(text);
  if (written.length === 0) return [...heard];
  if (written.length === heard.length) {
    return heard.map(({ startSeconds, endSeconds }, i) =>
      create(SpokenWordSchema, { text: written[i] ?? "", startSeconds, endSeconds }),
    );
  }
  const pieces = written.map((word) => ({ written: word }));
  const bare = heard.map((word) => create(SpokenWordSchema, { ...word, text: comparable(word.text) }));
  return writtenWords(pieces, written.map(readingOf), bare);
}

/** A number may be heard as several words: "$50" as "fifty dollars". */
const WORDS_OF_A_NUMBER = 4;

function readingOf(word: string): string[] {
  const reading = comparable(word);
  return Array(/\p{N}/u.test(reading) ? WORDS_OF_A_NUMBER : 1).fill(reading);
}

/** A word as others may write it, too: "Half," and "half". */
const comparable = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, "");
