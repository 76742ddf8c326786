import type { PcmIndex, Recording, SpokenWord } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import { decodePcm, LoudnessProfile, SAMPLE_RATE } from "@polyreel/media/sound";
import type { MadePart } from "@polyreel/parts";
import { type Sources, withUnchanged } from "@polyreel/parts/sources";
import { type PolyreelError, sourceError } from "@polyreel/platform";
import { approximateWords } from "./approximate-words.js";
import { readWordsFile } from "./read-words-file.js";
import { wordsOfText } from "./words-of-text.js";
import { wordsWithin } from "./words-within.js";

/** Planning refuses longer ones by what their files state. */
const MAX_SECONDS = 3600;
/** A recording that is not louder than this says nothing. */
const SILENCE_LUFS = -60;

export interface RecordingWork {
  readonly sources: Pick<Sources, "open" | "probe">;
  /** File names of the recording and of its words, for messages; empty if unknown. */
  readonly names: { readonly source: string; readonly words: string };
  /** The words that are heard in a decoded recording; only for recipes that name a transcriber. */
  readonly transcribe: (pcmPath: string) => Promise<readonly SpokenWord[]>;
  readonly signal: AbortSignal;
  readonly tempDir: string;
}

/**
 * Makes the part of a line of a recording: PCM with its loudness over time, and its words. Throws PolyreelError `invalid` if a
 * source cannot be used, or the recording is silent.
 */
export async function makeRecording(recording: Recording, text: string, work: RecordingWork): Promise<MadePart> {
  const { sources, names, signal, tempDir } = work;
  await using source = await sources.open(recording.sourceSha256, signal);
  const probe = await sources.probe(recording.sourceSha256, source, signal);
  const { path, index } = await withUnchanged([source], () =>
    decode(recording, source.path, probe, { signal, tempDir }),
  );
  if (Number(index.samples) > MAX_SECONDS * SAMPLE_RATE) throw tooLong(names.source);
  const profile = new LoudnessProfile(index);
  if (!(profile.integrated(0, profile.samples) > SILENCE_LUFS)) throw silent(names.source);
  const { words, estimated } = await wordsOf(recording, text, { pcmPath: path, index, probe }, work);
  index.words = [...words];
  index.wordsEstimated = estimated;
  return { payloadPath: path, index: { kind: { case: "pcm", value: index } } };
}

const decode = (
  { track, start, samples }: Recording,
  path: string,
  probe: Probe,
  io: { readonly signal: AbortSignal; readonly tempDir: string },
) =>
  decodePcm(path, {
    ...{ probe, track, zeroAt: "audio", startSeconds: Number(start) / SAMPLE_RATE },
    maxSeconds: samples > 0n ? Number(samples) / SAMPLE_RATE : MAX_SECONDS + 1,
    ...io,
  });

interface Decoded {
  readonly pcmPath: string;
  readonly index: PcmIndex;
  readonly probe: Probe;
}

/** The words of the stretch with times from its start, and whether these are estimates. */
async function wordsOf(
  { start, track, wordsSha256, transcriber }: Recording,
  text: string,
  { pcmPath, index, probe }: Decoded,
  { sources, names, transcribe, signal }: RecordingWork,
): Promise<{ words: readonly SpokenWord[]; estimated: boolean }> {
  const seconds = Number(index.samples) / SAMPLE_RATE;
  if (wordsSha256) {
    const all = await readWordsFile(wordsSha256, { probe, track, sources, name: names.words, signal });
    const from = Number(start) / SAMPLE_RATE;
    return { words: wordsOfText(text, wordsWithin(all, from, from + seconds)), estimated: false };
  }
  if (transcriber) {
    const heard = wordsWithin(await transcribe(pcmPath), 0, seconds);
    if (heard.length > 0) return { words: wordsOfText(text, heard), estimated: false };
  }
  return { words: approximateWords(text, index), estimated: text !== "" };
}

const named = (name: string, reason: string): string => (name ? `${JSON.stringify(name)}: ${reason}` : reason);

const tooLong = (name: string): PolyreelError =>
  sourceError({
    reason: named(name, "The recording is longer than its file states, and than an hour."),
    remedy: "Convert it to WAV first, and shorten it with trim.",
  });

const silent = (name: string): PolyreelError =>
  sourceError({
    reason: named(name, "The recording is silent, or so quiet that no voice is heard."),
    remedy: "Record it louder, or choose another track or stretch of it with track and trim.",
  });
