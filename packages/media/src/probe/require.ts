import { sourceError } from "@polyreel/platform";
import type { AudioProbe, Probe, VideoProbe } from "./parse.js";

/** What to do about a file that is no video. */
export interface VideoRemedies {
  readonly sound: string;
  readonly still: string;
}

const IN_A_BLOCK: VideoRemedies = {
  sound: "Use it in an audio block, or give a video file here.",
  still: "Give it as `image:` with a duration instead of `source:`.",
};

/** The video stream of a source. Throws PolyreelError `invalid` for stills, audio, and videos of unknown length. */
export function requireVideo(probe: Probe, remedies = IN_A_BLOCK): VideoProbe {
  const video = requireMoving(probe, remedies);
  if (video.durationSeconds > 0) return video;
  throw sourceError({
    reason: "The video's length cannot be determined: it has no pictures, or is damaged.",
    remedy: "Check that it plays, or convert it to MP4 first.",
  });
}

/** The same, for videos of unknown length too. */
export function requireMoving({ video }: Probe, { sound, still }: VideoRemedies): VideoProbe {
  if (!video) throw sourceError({ reason: "The file has sound but no picture.", remedy: sound });
  if (video.still) throw sourceError({ reason: "The file is a still picture, not a video.", remedy: still });
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
