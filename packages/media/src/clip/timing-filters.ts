import type { ClipFormat } from "./format.js";
import type { Seek } from "./seek.js";

/** So many frames may be missing at the end by rounding of the source's own timestamps; the last one fills in. */
const TOLERATED_FRAMES = 2;

/**
 * Timestamps are moved by this before they are rounded to the canvas's frames. Containers that count in milliseconds are off
 * by half of one; where a picture begins just between two frames (24 on 30 frames a second, or a trim to a quarter of a
 * second) they would fall to either side by chance, and the clip would stutter.
 */
const NUDGE_SECONDS = 0.0015;

/** The length of a stretch in frames: those that the source gives, and those for which the last one is held. */
export interface StretchLength {
  frames: number;
  holdFrames: number;
}

export const totalFrames = ({ frames, holdFrames }: StretchLength): number => frames + holdFrames;

/** How many frames the source itself gave, from how many came out of the encoder. */
export const sourceFrames = (encoded: number, { frames, holdFrames }: StretchLength): number =>
  encoded === frames + holdFrames ? frames : Math.max(0, encoded - holdFrames - TOLERATED_FRAMES);

/** Pictures of any timing to frames of the canvas's rate: frame n is the picture nearest to n frames after the start. */
export function onTheBeat(format: ClipFormat, frames: number, seek: Seek): string[] {
  return [
    `setpts=${afterSeek(seek)}+${NUDGE_SECONDS}/TB`,
    `fps=fps=${rate(format)}:start_time=${seek.startSeconds}:round=near`,
    `trim=end_frame=${frames}`,
    "setpts=PTS-STARTPTS",
  ];
}

/** Time stamps as `seek.startSeconds` counts them. */
export function afterSeek({ fromFirstPicture, clockSeconds }: Seek): string {
  if (fromFirstPicture) return "PTS-STARTPTS";
  return clockSeconds ? `PTS-${clockSeconds.toFixed(6)}/TB` : "PTS";
}

/** The first picture, for as many frames as the stretch has. */
export function repeated(format: ClipFormat, length: StretchLength): string[] {
  const total = totalFrames(length);
  const again = total > 1 ? [`loop=loop=${total - 1}:size=1`] : [];
  const timed = ["settb=1/1000000", `setpts=N/(${rate(format)}*TB)`, `fps=${rate(format)}`];
  return ["trim=end_frame=1", ...again, ...timed, exactly(length)];
}

/** The last picture, held to the end of the stretch. Pictures come and go with times in frames: `fps` counts in them. */
export const held = (length: StretchLength): string[] => [
  `tpad=stop=${length.holdFrames + TOLERATED_FRAMES}:stop_mode=clone`,
  exactly(length),
  // After `overlay` the first held frame has the last one's time, and whatever is laid over or beside it would be late.
  "setpts=N",
];

export const exactly = (length: StretchLength): string => `trim=end_frame=${totalFrames(length)}`;

export const rate = ({ rateNumerator, rateDenominator }: Pick<ClipFormat, "rateNumerator" | "rateDenominator">) =>
  `${rateNumerator}/${rateDenominator}`;
