import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { soundFault } from "../join/joinable.js";
import type { Layout } from "../join/layout.js";
import { layOutSound } from "../join/layout-sound.js";
import type { SoundPart } from "../join/parts.js";
import { SAMPLE_RATE } from "../sound/pcm.js";

/**
 * The soundtrack of a combination as an M4A, without re-encoding. `tags` as in the video (`tagsOf`). Throws
 * PolyreelError `internal` if the part is invalid.
 */
export function layOutAudio(
  sound: SoundPart,
  tags: Readonly<Record<string, string>>,
): { layout: Layout; certificate: Certificate } {
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
    certificate: create(CertificateSchema, {
      sizeBytes: BigInt(layout.sizeBytes),
      operation: {
        case: "audio",
        value: {
          headerSha256: createHash("sha256").update(layout.header).digest("hex"),
          audioSeconds: Number(index.samples) / SAMPLE_RATE,
          ...{ loudnessLufs, truePeakDbtp, predictedMinLufs, predictedMaxLufs },
        },
      },
    }),
  };
}
