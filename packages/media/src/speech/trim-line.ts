import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PcmIndex, PcmIndexSchema } from "@polyreel/contract";
import { LoudnessMeter } from "../sound/loudness-meter.js";
import { CHANNELS, PcmFile, SAMPLE_RATE } from "../sound/pcm.js";
import { writePcm } from "../sound/write-pcm.js";
import { speechLevel } from "./sound-costs.js";
import { FRAME_SAMPLES, type SpeechFrames } from "./speech-frames.js";

/**
 * Softer than the loud parts by this many dB is silence: of soft consonants only the beginnings are softer. A louder background is
 * kept, because it cannot be distinguished from them.
 */
const SILENCE_BELOW_DB = 42;
/** Kept before the first sound and after the last: the beginning of a soft consonant, the end of a voice in a room. */
const KEPT_BEFORE_FRAMES = 2;
const KEPT_AFTER_FRAMES = 4;
/** No step is left where a line begins or ends, and no sound is softened. */
const FADE_SAMPLES = (5 * SAMPLE_RATE) / 1000;

/** A stretch in samples. */
export interface SampleRange {
  readonly from: number;
  readonly to: number;
}

/** Where a line is spoken, without the silence around it, which is relative to the line's own level. */
export function spokenRange(frames: SpeechFrames, samples: number): SampleRange {
  const { loudDb } = speechLevel(frames);
  const isSound = (powerDb: number) => powerDb > loudDb - SILENCE_BELOW_DB;
  const first = frames.powerDb.findIndex(isSound);
  if (first < 0) return { from: 0, to: samples };
  const last = frames.powerDb.findLastIndex(isSound);
  return {
    from: Math.max(0, first - KEPT_BEFORE_FRAMES) * FRAME_SAMPLES,
    to: Math.min(samples, (last + 1 + KEPT_AFTER_FRAMES) * FRAME_SAMPLES),
  };
}

/**
 * A stretch of PCM as a new file in `tempDir`, with fades of 5 ms at both ends, and its loudness over time. Throws the signal's
 * reason, or the file system's error.
 */
export async function cutLine(
  path: string,
  samples: number,
  { from, to }: SampleRange,
  { tempDir, signal }: { readonly tempDir: string; readonly signal: AbortSignal },
): Promise<{ path: string; index: PcmIndex }> {
  const cut = join(tempDir, `${randomUUID()}.pcm`);
  const meter = new LoudnessMeter();
  await using file = await PcmFile.open(path, samples);
  const pieces = async function* () {
    for (let at = from; at < to; at += SAMPLE_RATE) {
      const piece = (await file.read(at, Math.min(SAMPLE_RATE, to - at))).slice();
      for (let i = 0; i < piece.length; i++) {
        const sample = at + Math.floor(i / CHANNELS);
        (piece[i] as number) *= Math.min(1, (sample - from) / FADE_SAMPLES, (to - 1 - sample) / FADE_SAMPLES);
      }
      meter.push(piece);
      yield piece;
    }
  };
  await writePcm(pieces(), cut, signal);
  return {
    path: cut,
    index: create(PcmIndexSchema, { samples: BigInt(to - from), loudnessLufs: meter.finish() }),
  };
}
