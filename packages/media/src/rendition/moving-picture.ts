import { sourceError } from "@polyreel/platform";
import type { Probe, VideoProbe } from "../probe/parse.js";

/** The video stream of a file with a known length. Throws PolyreelError `invalid` for stills and sound. */
export function requireMovingPicture({ video }: Probe): VideoProbe {
  if (video && !video.still && video.durationSeconds > 0) return video;
  if (!video) {
    throw sourceError({
      reason: "The file has sound but no picture: there is nothing to show.",
      remedy: "Use a video, or the output audio for its sound.",
    });
  }
  throw video.still
    ? sourceError({
        reason: "The file is a still picture, not a video.",
        remedy: "Use the output image or thumbnail for it.",
      })
    : sourceError({
        reason: "The video's length cannot be determined: it has no pictures, or is damaged.",
        remedy: "Check that it plays.",
      });
}
