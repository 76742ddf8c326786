import type { Voice } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { likelyLanguage, scriptsOf, wordsByScript } from "../text/scripts.js";

/** Limits of voices to try, and of voices in a remedy. */
const MOST_TRIED = 15;
const MOST_NAMED = 5;
const WORDS_SHOWN = 3;

/**
 * Voices that can read a text, by the scripts of their language and a test; those of the most likely language first.
 */
export async function readersOf(
  text: string,
  voices: readonly Voice[],
  unreadable: (name: string, voice: Voice) => Promise<readonly string[]>,
): Promise<Voice[]> {
  const scripts = [...wordsByScript(text).keys()];
  const likely = scripts.map(likelyLanguage);
  const isLikely = ({ language }: Voice) => likely.includes(language.split("-")[0] ?? "");
  const candidates = voices
    .filter(({ language }) => scripts.every((script) => scriptsOf(language).includes(script)))
    .toSorted((a, b) => Number(isLikely(b)) - Number(isLikely(a)))
    .slice(0, MOST_TRIED);
  const readers: Voice[] = [];
  for (const voice of candidates) {
    if (readers.length < MOST_NAMED && (await unreadable(voice.name, voice)).length === 0) readers.push(voice);
  }
  return readers;
}

export function cannotRead(voice: Voice, words: readonly string[], readers: readonly Voice[]): PolyreelError {
  const shown = words.slice(0, WORDS_SHOWN).join(" ");
  const names = readers.map(({ name }) => name);
  return new PolyreelError("invalid", {
    field: "voice",
    reason: `The voice "${voice.name}" (${voice.language}) cannot read "${shown}".`,
    remedy:
      names.length > 0
        ? `Choose a voice that can: ${names.join(", ")}.`
        : "No installed voice can. Write it as it is pronounced, in letters that the voice's language has.",
  });
}
