import type { SpokenWord } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { estimatedWords, speechFrames } from "@polyreel/media/speech";
import { alignedWords } from "../aligned-words.js";

/** No language: the words are timed by their letters. */
const UNKNOWN_LANGUAGE = "";

/** Approximate times of a recording's words: where speech is heard, or by their lengths where none can be told from the rest. */
export async function approximateWords(
  text: string,
  pcm: { readonly path: string; readonly samples: number },
  signal: AbortSignal,
): Promise<readonly SpokenWord[]> {
  if (text === "") return [];
  const words = await alignedWords(text, UNKNOWN_LANGUAGE, await speechFrames(pcm.path, pcm.samples), signal);
  return words.length > 0 ? words : estimatedWords(text, pcm.samples / SAMPLE_RATE);
}
