import type { Probe, VideoProbe } from "../probe/parse.js";
import { requireVideo } from "../probe/require.js";

/** The video stream of a file of which pictures at several times are shown. Throws like `requireVideo`. */
export const requireMovingPicture = (probe: Probe): VideoProbe =>
  requireVideo(probe, {
    sound: "Use a video, or the output audio for its sound.",
    still: "Use the output image or thumbnail for it.",
  });
