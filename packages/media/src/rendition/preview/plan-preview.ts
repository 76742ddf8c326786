import { create } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Preview, PreviewFormat, type Transcode, TranscodeSchema } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import type { Probe, VideoProbe } from "../../probe/parse.js";
import { requireMovingPicture } from "../moving-picture.js";
import { type PicturePlace, placePicture, turnedSize } from "../picture-place.js";

/** What a preview shows; all impossible settings are refused by then. */
export interface PreviewPlan {
  readonly picture: VideoProbe;
  /** The settings of a transcode with the same pictures. */
  readonly settings: Transcode;
  readonly place: PicturePlace;
  readonly segments: readonly PreviewSegment[];
  /** Of all segments. */
  readonly frames: number;
  readonly fps: number;
  /** A guess, for estimates. */
  readonly typicalBytes: number;
}

export interface PreviewSegment {
  /** From the first picture. */
  readonly startSeconds: number;
  readonly frames: number;
}

/** Measured on three real clips at the first quality: 0.53 to 0.73, 0.06 to 0.11, and 0.02 to 0.05. */
const BYTES_PER_PIXEL: { readonly [F in PreviewFormat]: number } = {
  [PreviewFormat.UNSPECIFIED]: 0.6,
  [PreviewFormat.GIF]: 0.6,
  [PreviewFormat.WEBP]: 0.08,
  [PreviewFormat.MP4]: 0.03,
};

/** Of all pictures: what encoders and pages can bear. 30 s of 1280x720 at 30 frames a second have 829 million. */
const MAX_PIXELS = 1e9;

/** Chooses the pictures of a preview; pure. Throws PolyreelError `invalid`, with the setting as field. */
export function planPreview(preview: Preview, probe: Probe): PreviewPlan {
  const picture = requireMovingPicture(probe);
  const { fps, width, upscale, format, maxMegabytes } = preview;
  const settings = create(TranscodeSchema, { width, upscale, fps });
  const place = placePicture(turnedSize(picture, settings), settings);
  const segments = segmentsOf(preview, picture.durationSeconds);
  const frames = segments.reduce((sum, segment) => sum + segment.frames, 0);
  const { output } = place;
  const pixels = frames * output.width * output.height;
  if (pixels > MAX_PIXELS) {
    throw sourceError({
      field: "width",
      reason: `${frames} pictures of ${output.width}x${output.height} are too many pixels for a preview.`,
      remedy: "Choose a smaller width, fewer seconds or a lower fps.",
    });
  }
  const bytes = Math.round(pixels * BYTES_PER_PIXEL[format]);
  const typicalBytes = maxMegabytes > 0 ? Math.min(bytes, maxMegabytes * 1e6) : bytes;
  return { picture, settings, place, segments, frames, fps, typicalBytes };
}

/** Each in the middle of its share of the video, so that together they show all of it, and neither a black beginning nor end. */
function segmentsOf({ seconds, segments: count, start, fps }: Preview, durationSeconds: number): PreviewSegment[] {
  const startSeconds = start ? durationMs(start) / 1000 : 0;
  const available = durationSeconds - startSeconds;
  if (available <= 0) {
    throw sourceError({
      field: "start",
      reason: `It would begin at ${startSeconds.toFixed(2)} s, but the video is only ${durationSeconds.toFixed(2)} s long.`,
      remedy: `Choose a start below ${durationSeconds.toFixed(2)} s.`,
    });
  }
  const total = Math.min(seconds, available);
  const allFrames = Math.max(1, Math.round(total * fps));
  const stretches = Math.min(count, allFrames);
  if (stretches === 1) return [{ startSeconds, frames: allFrames }];
  const share = available / stretches;
  return Array.from({ length: stretches }, (_, i) => {
    // Whole pictures: rounding each segment alone would change the length of all.
    const frames = Math.floor(((i + 1) * allFrames) / stretches) - Math.floor((i * allFrames) / stretches);
    const middle = startSeconds + (i + 0.5) * share;
    return { startSeconds: Math.max(startSeconds, middle - frames / fps / 2), frames };
  });
}
