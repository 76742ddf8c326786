import type { Format } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip";
import type { Probe } from "@polyreel/media/probe";

/** The probe of a joined video, before it exists. */
export function probeOfJoin(format: Format, frames: number, hasSound: boolean): Probe {
  const durationSeconds = framesToSeconds(frames, format);
  const { width, height } = format;
  const common = { startSeconds: 0, durationSeconds };
  return {
    container: "mov,mp4,m4a,3gp,3g2,mj2",
    sizeBytes: 0,
    durationSeconds,
    video: {
      ...{ ...common, codec: "h264", width, height, rotationDegrees: 0, still: false },
      frameRate: format.rateNumerator / format.rateDenominator,
    },
    ...(hasSound && { audio: { ...common, codec: "aac", channels: 2, sampleRate: 48_000 } }),
  };
}
