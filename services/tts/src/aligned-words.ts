import type { SpokenWord } from "@polyreel/contract";
import { alignWords, type SpeechFrames, soundsOfLetters, soundsOfPhonemes, splitWords } from "@polyreel/media/speech";
import { espeakPhonemes } from "./engines/espeak-phonemes.js";
import { spokenPieces } from "./text/spoken-pieces.js";

/** A word as it is written, and as it is read. */
interface ReadWord {
  readonly text: string;
  readonly spoken: string;
}

/**
 * Times of a line's words from the start of its sound, for engines that report none: by espeak-ng's phonemes for the language (BCP 47) if it
 * knows it, otherwise by their letters. Empty if they cannot be found.
 */
export async function alignedWords(
  text: string,
  language: string,
  frames: SpeechFrames,
  signal: AbortSignal,
): Promise<SpokenWord[]> {
  const words = readWords(text, language);
  const phonemes = await espeakPhonemes(
    words.map(({ spoken }) => spoken),
    language,
    signal,
  );
  return alignWords(
    words.map(({ text: written, spoken }, i) => ({
      text: written,
      sounds: phonemes?.[i] ? soundsOfPhonemes(phonemes[i]) : soundsOfLetters(spoken),
    })),
    frames,
  );
}

const IS_SPOKEN = /[\p{L}\p{N}]/u;

/** What is not spoken, such as a dash or an emoji, joins the word before it. */
export function readWords(text: string, language: string): ReadWord[] {
  const words: ReadWord[] = [];
  let before = "";
  for (const { written, spoken } of spokenPieces(text, language)) {
    const read = spoken === written ? splitWords(written).map((word) => [word, word]) : [[written, spoken]];
    for (const [word = "", reading = ""] of read) {
      const last = words.at(-1);
      if (IS_SPOKEN.test(reading)) words.push({ text: before + word, spoken: reading });
      else if (last) words.splice(-1, 1, { ...last, text: `${last.text} ${word}` });
      else before += `${word} `;
      if (words.length > 0) before = "";
    }
  }
  return words;
}
