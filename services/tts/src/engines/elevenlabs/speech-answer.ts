import type { SpokenWord } from "@polyreel/contract";
import { fieldsOf, type ProviderAnswer, parsed } from "../provider/provider-client.js";
import { uselessAnswer } from "../provider/provider-faults.js";
import { wordsOfCharacters } from "./character-words.js";

/** Samples a second: of PCM, all plans may use 24 kHz. */
export const RATE = 24_000;
const BYTES_A_SAMPLE = 2;

/** Speech of an answer: samples of 16 bits, one channel. Throws PolyreelError `precondition` if it has none. */
export function parseSpeech(
  provider: string,
  { type, bytes }: ProviderAnswer,
): { samples: Buffer; words: SpokenWord[] } {
  if (type !== "application/json") throw uselessAnswer(provider, `it is ${type ? "of another type" : "of no type"}`);
  const { audio_base64: audio, alignment } = fieldsOf(parsed(bytes));
  if (typeof audio !== "string" || audio === "") throw uselessAnswer(provider, "it has no sound");
  const samples = Buffer.from(audio, "base64");
  // Node.js skips what is no Base64.
  const expected = (audio.length / 4) * 3 - (/=*$/.exec(audio.slice(-2))?.[0].length ?? 0);
  if (samples.length !== expected || samples.length % BYTES_A_SAMPLE !== 0)
    throw uselessAnswer(provider, "its sound is cut off");
  const seconds = samples.length / BYTES_A_SAMPLE / RATE;
  const times = fieldsOf(alignment);
  const list = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? value : []);
  const words = wordsOfCharacters(
    {
      characters: list<unknown>(times.characters).map(String),
      starts: list<number>(times.character_start_times_seconds),
      ends: list<number>(times.character_end_times_seconds),
    },
    seconds,
  );
  return { samples, words };
}
