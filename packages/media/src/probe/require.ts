import { PolyreelError } from "@polyreel/platform/errors.js";
import type { AudioProbe, Probe, VideoProbe } from "./parse.js";

/** The moving picture of a source. Throws PolyreelError `invalid` for a still, for sound alone, and where nothing moves. */
export function requireVideo({ video }: Probe): VideoProbe {
  if (!video) {
    throw new PolyreelError("invalid", {
      reason: "The file has sound but no picture.",
      remedy: "Use it in an audio block, or give a video file here.",
    });
  }
  if (video.still) {
    throw new PolyreelError("invalid", {
      reason: "The file is a still picture, not a video.",
      remedy: "Give it as `image:` with a duration instead of `source:`.",
    });
  }
  if (!(video.durationSeconds > 0)) {
    throw new PolyreelError("invalid", {
      reason: "The video's length cannot be told: it has no pictures, or is damaged.",
      remedy: "Check that it plays, or convert it to MP4 first.",
    });
  }
  return video;
}

/** The picture of a still. Throws PolyreelError `invalid` for everything else. */
export function requireStill({ video }: Probe): VideoProbe {
  if (!video) {
    throw new PolyreelError("invalid", {
      reason: "The file has sound but no picture.",
      remedy: "Give a JPEG, PNG or WebP.",
    });
  }
  if (!video.still) {
    throw new PolyreelError("invalid", {
      reason: "The file is a video, not a still picture.",
      remedy: "Give it as `source:` instead of `image:`.",
    });
  }
  return video;
}

/** The sound of a source. Throws PolyreelError `invalid` where it has none. */
export function requireAudio({ audio }: Probe): AudioProbe {
  if (!audio) {
    throw new PolyreelError("invalid", {
      reason: "The file has no sound.",
      remedy: "Use a file with an audio stream.",
    });
  }
  return audio;
}
