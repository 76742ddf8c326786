import { spokenText } from "../../text/pieces.js";
import { spokenPieces } from "../../text/spoken-pieces.js";
import { sentencesOf } from "./clauses.js";
import { phonemesOf } from "./phonemes.js";
import type { PiperConfig } from "./piper-config.js";
import { type Utterance, utterancesOf } from "./utterances.js";

/** For a text without sound, such as an emoji. */
const SILENCE: Utterance = { ids: [], pauseSeconds: 0.2 };

/** A model's input for a text. Throws PolyreelError `not_found` if it needs espeak-ng, and that is not installed. */
export async function readText(text: string, config: PiperConfig, signal: AbortSignal): Promise<Utterance[]> {
  const sentences = sentencesOf(spoken(text, config));
  const texts = sentences.flat().map((clause) => clause.text);
  const { espeakVoice } = config;
  const phonemes = (espeakVoice === undefined ? texts : await phonemesOf(texts, espeakVoice, signal)).values();
  const read = sentences.map((clauses) => clauses.map(({ mark }) => ({ mark, phonemes: phonemes.next().value ?? "" })));
  const utterances = utterancesOf(read, config);
  return utterances.length > 0 ? utterances : [SILENCE];
}

/** Words with letters or digits that a model which reads letters does not know; of accented ones, the base is enough. */
export function unreadLetters(text: string, config: PiperConfig): string[] {
  const isKnown = (letter: string) => config.ids.has(letter) || config.ids.has(letter.toLowerCase());
  const words =
    spoken(text, config)
      .normalize("NFD")
      .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  return [...new Set(words)].filter((word) => !(word.match(/[\p{L}\p{N}]/gu) ?? []).every(isKnown));
}

const spoken = (text: string, { espeakVoice, language }: PiperConfig): string =>
  spokenText(spokenPieces(text, espeakVoice ?? language));
