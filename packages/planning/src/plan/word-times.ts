import type { SpokenWord } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { estimatedWords } from "@polyreel/media/speech";
import { writtenIn } from "@polyreel/spec";
import type { PlacedLine, SpokenSpan } from "./timeline.js";

/** The words of a spoken line with their times from its start, reported by the engine or else estimated. */
export const wordsOf = ({ words, text, samples }: PlacedLine): readonly SpokenWord[] =>
  words.length > 0 ? words : estimatedWords(text, samples / SAMPLE_RATE);

/** What the words of a span in a language depend on; "": as spoken. Different texts and translations may have the same speech. */
export const wordsKey = ({ block, line, start }: SpokenSpan, language: string): string =>
  JSON.stringify([block, line.hash, line.text, start, ...(language ? [writtenIn(line, language)] : [])]);
