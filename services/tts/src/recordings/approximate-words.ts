import { create } from "@bufbuild/protobuf";
import { type PcmIndex, type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { LoudnessProfile } from "@polyreel/media/sound";
import { estimatedWords } from "@polyreel/media/speech";

/** Sound that is quieter than the whole by more than this is a pause, or the noise of a room. */
const QUIETER_LU = 20;
/** Of one value of the loudness over time. */
const STEP_SECONDS = 0.1;

/** Estimated times of a recording's words: by their lengths, from the first sound that is heard to the last. */
export function approximateWords(text: string, index: Pick<PcmIndex, "samples" | "loudnessLufs">): SpokenWord[] {
  const profile = new LoudnessProfile(index);
  const quiet = profile.integrated(0, profile.samples) - QUIETER_LU;
  const isHeard = (lufs: number) => lufs > quiet;
  const start = Math.max(0, index.loudnessLufs.findIndex(isHeard)) * STEP_SECONDS;
  const end = (index.loudnessLufs.findLastIndex(isHeard) + 1) * STEP_SECONDS;
  return estimatedWords(text, Math.max(0, end - start)).map(({ text: word, startSeconds, endSeconds }) =>
    create(SpokenWordSchema, { text: word, startSeconds: start + startSeconds, endSeconds: start + endSeconds }),
  );
}
