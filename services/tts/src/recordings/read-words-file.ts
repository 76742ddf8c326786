import { readFile, stat } from "node:fs/promises";
import type { SpokenWord } from "@polyreel/contract";
import { type Probe, soundTrack } from "@polyreel/media/probe";
import { type Sources, withUnchanged } from "@polyreel/parts/sources";
import { sourceError } from "@polyreel/platform";
import { parseWords } from "./words-file/parse-words.js";
import { WordsFileMistake } from "./words-file/timed-text.js";

/** Words of an hour, with all that transcribing programs write beside them, are about a megabyte. */
const MAX_BYTES = 8 << 20;

interface WordsFile {
  readonly sources: Pick<Sources, "open">;
  /** The recording's. */
  readonly probe: Probe;
  readonly track: number;
  /** For messages. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/** The words of a file, with times from the recording's start. Throws PolyreelError `invalid` that names file and line. */
export async function readWordsFile(
  sha256: string,
  { sources, probe, track, name, signal }: WordsFile,
): Promise<SpokenWord[]> {
  await using file = await sources.open(sha256, signal);
  const bytes = await withUnchanged([file], async () => {
    const { size } = await stat(file.path);
    return size > MAX_BYTES ? undefined : readFile(file.path, { signal });
  });
  try {
    if (bytes) return parseWords(bytes, soundTrack(probe, track).durationSeconds);
    throw new WordsFileMistake(
      "",
      `It is larger than ${MAX_BYTES >> 20} MB.`,
      "Give a file with only the words and their times.",
    );
  } catch (error) {
    if (!(error instanceof WordsFileMistake)) throw error;
    const place = [name ? JSON.stringify(name) : "The file of words", error.place].filter(Boolean).join(", ");
    throw sourceError({ field: "words", reason: `${place}: ${error.reason}`, remedy: error.remedy });
  }
}
