import type { Duration } from "@bufbuild/protobuf/wkt";
import type { Format, VideoChoice } from "@polyreel/contract";
import { framesToSeconds, secondsToFrames } from "@polyreel/media/clip";
import type { Probe } from "@polyreel/media/probe";
import { requireStill, requireVideo } from "@polyreel/media/probe";
import { PolyreelError } from "@polyreel/platform";

/** The stretch of a source that a video choice uses: its start, and its number of frames on the canvas. */
export interface VideoStretch {
  readonly still: boolean;
  readonly startSeconds: number;
  readonly frames: number;
}

/** A trim may end this many frames after the footage: durations in headers are rounded. */
const ROUNDING_FRAMES = 2;

/** A day, as for stills. Footage is not that long; damaged headers claim so, and would keep an encoder busy for weeks. */
const MAX_SECONDS = 86_400;

export const secondsOf = (duration: Duration | undefined): number =>
  duration ? Number(duration.seconds) + duration.nanos / 1e9 : 0;

/** Throws PolyreelError `invalid` if the choice requests what the source does not have. */
export function videoStretch(choice: VideoChoice, probe: Probe, format: Format): VideoStretch {
  if (choice.media.case === "image") {
    requireStill(probe);
    return { still: true, startSeconds: 0, frames: atLeastOne(secondsToFrames(secondsOf(choice.duration), format)) };
  }
  const { durationSeconds } = requireVideo(probe);
  const { trim } = choice;
  const startSeconds = trim?.last ? Math.max(0, durationSeconds - secondsOf(trim.last)) : secondsOf(trim?.start);
  const available = secondsToFrames(durationSeconds - startSeconds, format);
  if (startSeconds > 0 && available < 1) {
    throw new PolyreelError("invalid", {
      field: "trim.start",
      reason: `The trim starts at ${inSeconds(startSeconds)}, but the footage is only ${inSeconds(durationSeconds)} long.`,
      remedy: "Start earlier.",
    });
  }
  if (!trim?.duration) {
    if (durationSeconds - startSeconds > MAX_SECONDS)
      throw absurdlyLong(`The footage is declared as ${inSeconds(durationSeconds)} long`);
    return { still: false, startSeconds, frames: atLeastOne(available) };
  }
  const seconds = secondsOf(trim.duration);
  if (seconds > MAX_SECONDS) throw absurdlyLong(`The trim asks for ${inSeconds(seconds)}`);
  const frames = atLeastOne(secondsToFrames(seconds, format));
  if (frames > available + ROUNDING_FRAMES) {
    throw new PolyreelError("invalid", {
      field: "trim.duration",
      reason: `The trim asks for ${inSeconds(framesToSeconds(frames, format))} from ${inSeconds(startSeconds)} on, but the footage is only ${inSeconds(durationSeconds)} long.`,
      remedy: "Shorten the trim, or leave its duration out.",
    });
  }
  return { still: false, startSeconds, frames: Math.min(frames, atLeastOne(available)) };
}

const absurdlyLong = (what: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${what}; a clip can be ${MAX_SECONDS / 3600} hours long at most.`,
    remedy: "Trim it. If it is actually shorter, its header is damaged: export it again.",
  });

const atLeastOne = (frames: number): number => Math.max(1, frames);
export const inSeconds = (seconds: number): string => `${seconds.toFixed(2)} s`;
