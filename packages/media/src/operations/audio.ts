import { createHash } from "node:crypto";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { soundFault } from "../join/joinable.js";
import type { Layout } from "../join/layout.js";
import { layOutSound } from "../join/layout-sound.js";
import type { SoundPart } from "../join/parts.js";
import { SAMPLE_RATE } from "../sound/pcm.js";

/** What was checked of the sound of a combination. Loudness as in the video's certificate. */
export interface AudioCertificate {
  readonly sizeBytes: number;
  /** With the part's hash it fixes every byte. */
  readonly headerSha256: string;
  readonly audioSeconds: number;
  readonly loudnessLufs: number;
  readonly truePeakDbtp: number;
  readonly predictedMinLufs: number;
  readonly predictedMaxLufs: number;
}

/**
 * The soundtrack of a combination as an M4A: not a sample is encoded again. `tags` as the video's (`tagsOf`). Throws
 * PolyreelError `invalid` where the combination has no sound, `internal` where the part is not as it should be.
 */
export function layOutAudio(
  sound: SoundPart | undefined,
  tags: Readonly<Record<string, string>>,
): { layout: Layout; certificate: AudioCertificate } {
  if (!sound) throw soundless();
  const { index } = sound;
  const fault = soundFault(index, Number(index.samples));
  if (fault) {
    throw new PolyreelError("internal", {
      reason: fault,
      remedy: "The output was not delivered; render it again, or report it.",
    });
  }
  const layout = layOutSound(sound, tags);
  const { loudnessLufs, truePeakDbtp, predictedMinLufs, predictedMaxLufs } = index;
  return {
    layout,
    certificate: {
      sizeBytes: layout.sizeBytes,
      headerSha256: createHash("sha256").update(layout.header).digest("hex"),
      audioSeconds: Number(index.samples) / SAMPLE_RATE,
      ...{ loudnessLufs, truePeakDbtp, predictedMinLufs, predictedMaxLufs },
    },
  };
}

const soundless = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "audio",
    reason: "This combination has no sound.",
    remedy: "Give it a block that is heard, or leave the audio out.",
  });
