import { type ClipFormat, framesToSeconds } from "../clip/format.js";
import type { AudioProbe, Probe } from "../probe/parse.js";
import { SAMPLE_RATE } from "../sound/pcm.js";

/** ffmpeg's name of an MP4. */
const CONTAINER = "mov,mp4,m4a,3gp,3g2,mj2";

/** The probe of joined clips, which need not be read for it: what is not known before they exist is left out. */
export function probeOfJoin(format: ClipFormat, frames: number, hasSound: boolean): Probe {
  const durationSeconds = framesToSeconds(frames, format);
  const { width, height } = format;
  return {
    ...{ container: CONTAINER, sizeBytes: 0, durationSeconds },
    video: {
      ...{ codec: "h264", width, height, rotationDegrees: 0, still: false },
      ...{ startSeconds: 0, firstPictureSeconds: 0, durationSeconds },
      frameRate: format.rateNumerator / format.rateDenominator,
      pixels: { alpha: false, interlaced: false, matrixStated: true, matrix: "bt709", hdr: false },
    },
    ...(hasSound && { audio: audioOf(durationSeconds) }),
  };
}

/** The probe of a soundtrack alone. `samples`: at 48 kHz. */
export function probeOfSound(samples: number): Probe {
  const durationSeconds = samples / SAMPLE_RATE;
  return { container: CONTAINER, sizeBytes: 0, durationSeconds, audio: audioOf(durationSeconds) };
}

const audioOf = (durationSeconds: number): AudioProbe => ({
  ...{ codec: "aac", channels: 2, sampleRate: SAMPLE_RATE },
  ...{ startSeconds: 0, durationSeconds },
});
