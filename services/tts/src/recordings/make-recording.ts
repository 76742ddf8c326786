import type { Origin, PcmIndex, Recording, SpokenWord } from "@polyreel/contract";
import type { Probe } from "@polyreel/media/probe";
import { decodePcm, LoudnessProfile, SAMPLE_RATE } from "@polyreel/media/sound";
import type { MadePart } from "@polyreel/parts";
import { namingSource } from "@polyreel/parts/kinds";
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
  /** Where the recording and the file of its words come from, for messages. */
  readonly origins: { readonly source: Origin | undefined; readonly words: Origin | undefined };
  /** The words that are heard in a decoded recording; only for recipes that name a transcriber. */
  readonly transcribe: (pcmPath: string) => Promise<readonly SpokenWord[]>;
  readonly signal: AbortSignal;
  readonly tempDir: string;
}

/**
 * Makes the part of a line of a recording: PCM with its loudness over time, and its words. Throws PolyreelError `invalid` that
 * names the source which cannot be used, and if the recording is silent.
 */
export async function makeRecording(recording: Recording, text: string, work: RecordingWork): Promise<MadePart> {
  const decoded = await decode(recording, work).catch(namingSource(work.origins.source));
  const { words, estimated } = await wordsOf(recording, text, decoded, work);
  const { pcmPath, index } = decoded;
  index.words = [...words];
  index.wordsEstimated = estimated;
  return { payloadPath: pcmPath, index: { kind: { case: "pcm", value: index } } };
}

async function decode(
  { sourceSha256, track, start, samples }: Recording,
  { sources, signal, tempDir }: RecordingWork,
): Promise<Decoded> {
  await using source = await sources.open(sourceSha256, signal);
  const probe = await sources.probe(sourceSha256, source, signal);
  const { path, index } = await withUnchanged([source], () =>
    decodePcm(source.path, {
      ...{ probe, track, zeroAt: "audio", startSeconds: Number(start) / SAMPLE_RATE },
      maxSeconds: samples > 0n ? Number(samples) / SAMPLE_RATE : MAX_SECONDS + 1,
      ...{ signal, tempDir },
    }),
  );
  if (Number(index.samples) > MAX_SECONDS * SAMPLE_RATE) throw tooLong();
  const profile = new LoudnessProfile(index);
  if (!(profile.integrated(0, profile.samples) > SILENCE_LUFS)) throw silent();
  return { pcmPath: path, index, probe };
}

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
  { sources, origins, transcribe, signal }: RecordingWork,
): Promise<{ words: readonly SpokenWord[]; estimated: boolean }> {
  const seconds = Number(index.samples) / SAMPLE_RATE;
  if (wordsSha256) {
    const all = await readWordsFile(wordsSha256, {
      probe,
      track,
      sources,
      name: origins.words?.sourceName ?? "",
      signal,
    });
    const from = Number(start) / SAMPLE_RATE;
    return { words: wordsOfText(text, wordsWithin(all, from, from + seconds)), estimated: false };
  }
  if (transcriber) {
    const heard = wordsWithin(await transcribe(pcmPath).catch(namingSource(origins.source)), 0, seconds);
    if (heard.length > 0) return { words: wordsOfText(text, heard), estimated: false };
  }
  const words = await approximateWords(text, { path: pcmPath, samples: Number(index.samples) }, signal);
  return { words, estimated: words.length > 0 };
}

const tooLong = (): PolyreelError =>
  sourceError({
    reason: "The recording is longer than its file states, and than an hour.",
    remedy: "Convert it to WAV first, and shorten it with trim.",
  });

const silent = (): PolyreelError =>
  sourceError({
    reason: "The recording is silent, or so quiet that no voice is heard.",
    remedy: "Record it louder, or choose another track or stretch of it with track and trim.",
  });
