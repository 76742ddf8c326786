import { type Audio, AudioFormat } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";

/** Formats whose size follows from the sound. */
const RATELESS: { readonly [F in AudioFormat]?: string } = {
  [AudioFormat.WAV]: "WAV",
  [AudioFormat.FLAC]: "FLAC",
};

/** Mistakes in normalised settings of a file of sound. */
export function checkAudioFile({ format, kbps }: Audio, field: string): Mistake[] {
  const name = RATELESS[format];
  if (!name || kbps === 0) return [];
  return [
    {
      field: `${field}.kbps`,
      reason: `${name} is lossless: it has no bit rate to choose.`,
      remedy: "Leave kbps out, or make it mp3, m4a or opus.",
    },
  ];
}
