import type { SpokenWord } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { estimatedWords } from "@polyreel/media/speech";
import type { PlacedLine } from "./timeline.js";

/** The words of a spoken line with their times from its start, reported by the engine or else estimated. */
export const wordsOf = ({ words, text, samples }: PlacedLine): readonly SpokenWord[] =>
  words.length > 0 ? words : estimatedWords(text, samples / SAMPLE_RATE);
