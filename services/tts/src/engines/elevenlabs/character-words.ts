import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";

/** Times of the characters of a text, as ElevenLabs states them: three lists of one length, in seconds. */
export interface CharacterTimes {
  readonly characters: readonly string[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * The words of a text, each from its first to its last character, within the sound's length. None if the lists do not
 * fit together: the speech is usable without.
 */
export function wordsOfCharacters({ characters, starts, ends }: CharacterTimes, seconds: number): SpokenWord[] {
  if (starts.length !== characters.length || ends.length !== characters.length) return [];
  const words: SpokenWord[] = [];
  let word: SpokenWord | undefined;
  let now = 0;
  const within = (time: number) => {
    now = Math.min(seconds, Math.max(now, time));
    return now;
  };
  for (const [i, character] of characters.entries()) {
    const [start, end] = [starts[i], ends[i]];
    if (start === undefined || end === undefined || !Number.isFinite(start) || !Number.isFinite(end)) return [];
    if (/^\s*$/.test(character)) {
      word = undefined;
      continue;
    }
    if (!word) {
      word = create(SpokenWordSchema, { text: "", startSeconds: within(start) });
      words.push(word);
    }
    word.text += character;
    word.endSeconds = within(end);
  }
  return words;
}
