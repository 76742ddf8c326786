import { stat } from "node:fs/promises";
import { runFfmpeg } from "../ffmpeg/run.js";
import { BYTES_PER_SAMPLE, PCM_FORMAT, SAMPLE_RATE } from "./pcm.js";

/** What programs that recognise speech use. */
const SPEECH_RATE = 16_000;
/** Encoded hundreds of times faster than it plays. */
const DEADLINE_SECONDS = 600;

/** Writes speech as a small file without loss of what makes it intelligible: FLAC, mono, 16 kHz. Returns its length. */
export async function compressSpeech(
  pcmPath: string,
  flacPath: string,
  signal: AbortSignal,
): Promise<{ seconds: number }> {
  const { size } = await stat(pcmPath);
  await runFfmpeg({
    inputs: [{ file: pcmPath, options: PCM_FORMAT }],
    outputs: [
      {
        file: flacPath,
        options: ["-ac", "1", "-ar", String(SPEECH_RATE), "-sample_fmt", "s16", "-c:a", "flac", "-f", "flac"],
      },
    ],
    maxOutputBytes: size,
    ...{ signal, deadlineSeconds: DEADLINE_SECONDS },
  });
  return { seconds: size / BYTES_PER_SAMPLE / SAMPLE_RATE };
}
