import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { estimatedWords } from "@polyreel/media/speech";
import { parseCues } from "./parse-cues.js";
import { parseJson } from "./parse-json.js";
import { type TimedText, WordsFileMistake } from "./timed-text.js";

/** An hour of fast speech has about as many; they are part of messages. */
const MAX_WORDS = 10_000;
const MAX_BYTES = 100_000;
/** Characters; as many as of a text. */
const MAX_PHRASE = 5_000;
/** Times are rounded, and some programs let the last word end after the sound. */
const BEYOND_SECONDS = 1;

/**
 * The words of a file of SRT, WebVTT or JSON, in their order and one after the other: those of a phrase share its time by their
 * lengths. Throws WordsFileMistake.
 *
 * @param recordingSeconds length of the whole recording, which their times count from
 */
export function parseWords(bytes: Uint8Array, recordingSeconds: number): SpokenWord[] {
  const text = decoded(bytes);
  const phrases = (/^\s*[[{]/.test(text) ? parseJson(text) : parseCues(text)).filter(({ text }) => text.trim() !== "");
  if (phrases.length === 0) {
    throw new WordsFileMistake(
      "",
      "It has no words.",
      "Give a file of SRT, WebVTT or JSON with the words and their times.",
    );
  }
  const words: SpokenWord[] = [];
  let bytesOfWords = 0;
  for (const [i, phrase] of phrases.entries()) {
    checkTimes(phrase, phrases[i - 1], recordingSeconds);
    bytesOfWords += Buffer.byteLength(phrase.text);
    // A phrase ends where the next begins: cues of subtitles overlap a little.
    const next = phrases[i + 1]?.startSeconds ?? Number.POSITIVE_INFINITY;
    const end = Math.min(phrase.endSeconds, Math.max(next, phrase.startSeconds), recordingSeconds);
    if (bytesOfWords > MAX_BYTES || phrase.text.length > MAX_PHRASE) throw tooMany(phrase.place);
    words.push(...spread(phrase, end));
    if (words.length > MAX_WORDS) throw tooMany(phrase.place);
  }
  return words;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new WordsFileMistake("", "It is no text in UTF-8.", "Save it in UTF-8, as SRT, WebVTT or JSON.");
  }
}

function checkTimes(
  { startSeconds, endSeconds, place }: TimedText,
  before: TimedText | undefined,
  length: number,
): void {
  const mistake = (reason: string, remedy: string) => new WordsFileMistake(place, reason, remedy);
  if (!(startSeconds >= 0 && endSeconds >= startSeconds)) {
    throw mistake(`It ends at ${shown(endSeconds)}, before it begins at ${shown(startSeconds)}.`, "Correct its times.");
  }
  if (before && startSeconds < before.startSeconds) {
    const remedy = "Sort the words by time: a voice says one after the other.";
    throw mistake(
      `It begins at ${shown(startSeconds)}, before ${before.place}, at ${shown(before.startSeconds)}.`,
      remedy,
    );
  }
  if (startSeconds > length || endSeconds > length + BEYOND_SECONDS) {
    const reason = `It lasts from ${shown(startSeconds)} to ${shown(endSeconds)}, but the recording is only ${shown(length)} long.`;
    throw mistake(
      reason,
      "Check that the words belong to this recording. Times count from its start, before any trim.",
    );
  }
}

const shown = (seconds: number): string => `${seconds.toFixed(2)} s`;

/** The words of a phrase that ends at `end`. */
function spread({ text, startSeconds }: TimedText, end: number): SpokenWord[] {
  const clean = text.replace(/\p{Cc}/gu, " ").trim();
  return estimatedWords(clean, Math.max(0, end - startSeconds)).map((word) =>
    create(SpokenWordSchema, {
      text: word.text,
      startSeconds: startSeconds + word.startSeconds,
      endSeconds: startSeconds + word.endSeconds,
    }),
  );
}

const tooMany = (place: string): WordsFileMistake =>
  new WordsFileMistake(
    place,
    `Here its words are too many: at most ${counted(MAX_WORDS)} words in ${counted(MAX_BYTES)} bytes, and ${counted(MAX_PHRASE)} characters of one phrase.`,
    "Divide the recording and its words into several lines with next.",
  );

const counted = (number: number): string => number.toLocaleString("en-US");
