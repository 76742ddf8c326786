import type { SpokenWord } from "@polyreel/contract";
import { sentencesOf } from "@polyreel/media/operations";
import { estimatedWords } from "@polyreel/media/speech";
import type { PlacedLine } from "./timeline.js";
import { wordsOf } from "./word-times.js";

/** The words that subtitles and captions of a line show in a language, with their times; "": as they are spoken. */
export function wordsIn(line: PlacedLine, language: string): readonly SpokenWord[] {
  const spoken = wordsOf(line);
  if (language === "") return spoken;
  const translation = line.translations[language] ?? "";
  return translation === line.text ? spoken : translatedWords(translation, spoken);
}

/**
 * The words of a translation: each sentence takes the time of the spoken one if both texts have as many, otherwise all
 * of it takes the time of the line. Within that they are spread by their lengths.
 */
function translatedWords(translation: string, spoken: readonly SpokenWord[]): SpokenWord[] {
  const from = sentencesOf(spoken);
  const to = sentencesOf(estimatedWords(translation, 1)).map((words) => words.map(({ text }) => text).join(" "));
  return from.length === to.length
    ? to.flatMap((sentence, i) => spread(sentence, from[i] ?? []))
    : spread(translation, spoken);
}

/** A text over the time from the first to the last of some words. */
function spread(text: string, over: readonly SpokenWord[]): SpokenWord[] {
  const start = over[0]?.startSeconds ?? 0;
  const end = over.reduce((last, { endSeconds }) => Math.max(last, endSeconds), start);
  return estimatedWords(text, end - start).map((word) => ({
    ...word,
    startSeconds: start + word.startSeconds,
    endSeconds: start + word.endSeconds,
  }));
}
