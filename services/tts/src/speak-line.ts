import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SpokenWord, VoiceRecipe } from "@polyreel/contract";
import { decodePcm, LoudnessProfile, SAMPLE_RATE } from "@polyreel/media/sound";
import { cutLine, type SpeechFrames, speechFrames, spokenRange, voiceOf } from "@polyreel/media/speech";
import type { MadePart } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import { step } from "@polyreel/platform/telemetry";
import { alignedWords } from "./aligned-words.js";
import type { Engines, LineRequest } from "./engines/engines.js";
import type { ArrivedSpeech, Speech } from "./engines/speech-engine.js";

/** An hour: longer than the speech of any accepted text. */
const MAX_SECONDS = 3600;
/** A line that is not louder than this was not spoken. */
const SILENCE_LUFS = -60;

/** Speech that is kept because it cannot be made again. */
export interface Keeping {
  read(): Promise<ArrivedSpeech | undefined>;
  keep(speech: ArrivedSpeech): Promise<void>;
}

type Circumstances = Pick<LineRequest, "signal" | "tempDir" | "outsideSlot" | "spend" | "unanswered"> & {
  readonly kept?: Keeping;
};

/**
 * Speaks a line into a part, or makes the part of the speech that is kept: PCM without the silence around it, with its loudness
 * over time and the times of its words. Throws PolyreelError `invalid` if the voice is not installed or cannot speak the text.
 */
export async function speakLine(
  line: VoiceRecipe,
  engines: Pick<Engines, "list" | "speak">,
  { signal, tempDir, kept, ...circumstances }: Circumstances,
): Promise<MadePart> {
  const arrived = await kept?.read();
  const speech = arrived
    ? await writeSpeech(arrived, tempDir)
    : await step("speak", () =>
        engines.speak({
          ...{ ...line, rate: line.rate || 1, keep: kept && ((spoken) => kept.keep(spoken)) },
          ...{ ...circumstances, signal, tempDir },
        }),
      );
  const { path, index } = await decodePcm(speech.path, { zeroAt: "audio", maxSeconds: MAX_SECONDS, signal, tempDir });
  const profile = new LoudnessProfile(index);
  if (!(profile.integrated(0, profile.samples) > SILENCE_LUFS)) throw unspeakable(line);
  const frames = await speechFrames(path, profile.samples);
  const range = spokenRange(frames, profile.samples);
  const words = speech.words.length > 0 ? speech.words : await foundWords(line, engines, frames, signal);
  const cut = await cutLine(path, profile.samples, range, { signal, tempDir });
  await rm(path);
  cut.index.words = shifted(words, range.from / SAMPLE_RATE, (range.to - range.from) / SAMPLE_RATE);
  return { payloadPath: cut.path, index: { kind: { case: "pcm", value: cut.index } } };
}

async function foundWords(
  line: VoiceRecipe,
  engines: Pick<Engines, "list">,
  frames: SpeechFrames,
  signal: AbortSignal,
): Promise<SpokenWord[]> {
  const language = line.settings?.language || voiceOf(line, await engines.list())?.language;
  return await alignedWords(line.text, language ?? "", frames, signal);
}

/** Words with times from a later start, within `seconds`. */
const shifted = (words: readonly SpokenWord[], startSeconds: number, seconds: number): SpokenWord[] => {
  const within = (at: number) => Math.min(seconds, Math.max(0, at - startSeconds));
  return words.map((word) => ({
    ...word,
    ...{ startSeconds: within(word.startSeconds), endSeconds: within(word.endSeconds) },
  }));
};

async function writeSpeech({ audio, words }: ArrivedSpeech, tempDir: string): Promise<Speech> {
  const path = join(tempDir, "kept.wav");
  await writeFile(path, audio);
  return { path, words };
}

const unspeakable = ({ voice }: VoiceRecipe): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${voice ? `The voice "${voice}"` : "The first voice listed"} has no sound for this text.`,
    remedy: "Use words in the voice's language.",
  });
