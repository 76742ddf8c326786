import { sourceError } from "@polyreel/platform";
import type { AudioProbe, Probe, VideoProbe } from "./parse.js";

/** The video stream of a source. Throws PolyreelError `invalid` for stills, audio, and videos without motion. */
export function requireVideo({ video }: Probe): VideoProbe {
  if (!video) {
    throw sourceError({
      reason: "The file has sound but no picture.",
      remedy: "Use it in an audio block, or give a video file here.",
    });
  }
  if (video.still) {
    throw sourceError({
      reason: "The file is a still picture, not a video.",
      remedy: "Give it as `image:` with a duration instead of `source:`.",
    });
  }
  if (!(video.durationSeconds > 0)) {
    throw sourceError({
      reason: "The video's length cannot be determined: it has no pictures, or is damaged.",
      remedy: "Check that it plays, or convert it to MP4 first.",
    });
  }
  return video;
}

/** The picture of a still. Throws PolyreelError `invalid` for everything else. */
export function requireStill({ video }: Probe): VideoProbe {
  if (!video) {
    throw sourceError({
      reason: "The file has sound but no picture.",
      remedy: "Give a JPEG, PNG or WebP.",
    });
  }
  if (!video.still) {
    throw sourceError({
      reason: "The file is a video, not a still picture.",
      remedy: "Give it as `source:` instead of `image:`.",
    });
  }
  return video;
}

/** The default audio track of a source. Throws PolyreelError `invalid` if it has none. */
export const requireAudio = (source: Probe): AudioProbe => soundTrack(source, 0);

/**
 * An audio track of a source by its number, from 1; 0 selects the default one. Throws PolyreelError `invalid` if there
 * is no audio, or no such track.
 */
export function soundTrack({ audio, tracks }: Probe, number: number): AudioProbe {
  if (!audio) {
    throw sourceError({
      reason: "The file has no sound.",
      remedy: "Use a file with an audio stream.",
    });
  }
  if (number === 0) return audio;
  const all = tracks ?? [audio];
  const track = all.find((one) => (one.track ?? 0) === number - 1);
  if (!track) {
    throw sourceError({
      field: "track",
      reason: `The file has no sound track ${number}: it has ${all.map(described).join(", ")}.`,
      remedy: "Choose one of these by its number, or leave `track` out for the one that players play.",
    });
  }
  return track;
}

/** `1 ("Commentary", deu, 2 channels)`. */
function described({ track = 0, title, language, channels }: AudioProbe): string {
  const about = [title && JSON.stringify(title), language, channels === 1 ? "mono" : `${channels} channels`];
  return `${track + 1} (${about.filter(Boolean).join(", ")})`;
}
