import type { ClipFormat } from "./format.js";
import type { Seek } from "./seek.js";

/** Frames that may be missing at the end because of rounded source timestamps; the last one is repeated instead. */
const TOLERATED_FRAMES = 2;

/**
 * Timestamps are shifted by this before they are rounded to the canvas's frames. Containers with millisecond timestamps
 * are off by up to half of one; a picture that begins just between two frames (24 fps on 30, or a trim to a quarter of
 * a second) would be rounded either way, and the clip would stutter.
 */
const NUDGE_SECONDS = 0.0015;

/** Length of a stretch in frames: those from the source, and those for which the last one is held. */
export interface StretchLength {
  frames: number;
  holdFrames: number;
}

export const totalFrames = ({ frames, holdFrames }: StretchLength): number => frames + holdFrames;

/** The number of frames that the source itself yielded, from the number encoded. */
export const sourceFrames = (encoded: number, { frames, holdFrames }: StretchLength): number =>
  encoded === frames + holdFrames ? frames : Math.max(0, encoded - holdFrames - TOLERATED_FRAMES);

/** Converts pictures of any timing to the canvas's rate: frame n is the picture nearest to n frames after the start. */
export function atCanvasRate(format: ClipFormat, frames: number, seek: Seek): string[] {
  return [
    `setpts=${afterSeek(seek)}+${NUDGE_SECONDS}/TB`,
    `fps=fps=${rate(format)}:start_time=${seek.startSeconds}:round=near`,
    `trim=end_frame=${frames}`,
    "setpts=PTS-STARTPTS",
  ];
}

/** Shifts timestamps to the origin that `seek.startSeconds` counts from. */
export function afterSeek({ fromFirstPicture, clockSeconds }: Seek): string {
  if (fromFirstPicture) return "PTS-STARTPTS";
  return clockSeconds ? `PTS-${clockSeconds.toFixed(6)}/TB` : "PTS";
}

/** Repeats the first picture for all frames of the stretch. */
export function repeated(format: ClipFormat, length: StretchLength): string[] {
  const total = totalFrames(length);
  const again = total > 1 ? [`loop=loop=${total - 1}:size=1`] : [];
  const timed = ["settb=1/1000000", `setpts=N/(${rate(format)}*TB)`, `fps=${rate(format)}`];
  return ["trim=end_frame=1", ...again, ...timed, exactly(length)];
}

/** Holds the last picture to the end of the stretch. Timed overlays rely on frame numbers, which `fps` provides. */
export const held = (length: StretchLength): string[] => [
  `tpad=stop=${length.holdFrames + TOLERATED_FRAMES}:stop_mode=clone`,
  exactly(length),
  // After `overlay` the first held frame has the last one's time, and everything above or beside it would be late.
  "setpts=N",
];

export const exactly = (length: StretchLength): string => `trim=end_frame=${totalFrames(length)}`;

export const rate = ({ rateNumerator, rateDenominator }: Pick<ClipFormat, "rateNumerator" | "rateDenominator">) =>
  `${rateNumerator}/${rateDenominator}`;
