import { type Audio, AudioFormat } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";

/** Formats whose size follows from the sound. */
const RATELESS: { readonly [F in AudioFormat]?: string } = {
  [AudioFormat.WAV]: "WAV",
  [AudioFormat.FLAC]: "FLAC",
};

/** LAME makes 320 of more, silently. */
const MAX_MP3_KBPS = 320;

/** Mistakes in normalised settings of a file of sound. */
export function checkAudioFile({ format, kbps }: Audio, field: string): Mistake[] {
  const name = RATELESS[format];
  if (format === AudioFormat.MP3 && kbps > MAX_MP3_KBPS) {
    const reason = `An MP3 has up to ${MAX_MP3_KBPS} kbit/s, not ${kbps}.`;
    return [{ field: `${field}.kbps`, reason, remedy: `Write 16 to ${MAX_MP3_KBPS}, or make it m4a or flac.` }];
  }
  if (!name || kbps === 0) return [];
  return [
    {
      field: `${field}.kbps`,
      reason: `${name} is lossless: it has no bit rate to choose.`,
      remedy: "Leave kbps out, or make it mp3, m4a or opus.",
    },
  ];
}
