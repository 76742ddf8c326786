import type { Probe } from "../probe/parse.js";

/** How the stretch's first moment is reached. */
export interface Seek {
  /** Options before the input. */
  inputOptions: string[];
  /** Timestamps count from the first picture (no seek), or from where the seek went to. */
  fromFirstPicture: boolean;
  /** Where time stamps are the file's own (-copyts): where the seek went to, on that clock. */
  clockSeconds?: number;
  /** The stretch begins this long after where timestamps count from. */
  startSeconds: number;
}

/** Containers whose index leads to the key frame before any moment. In others the seek goes this much further back. */
const INDEXED = /^(mov|matroska)/;
const MARGIN_SECONDS = 15;

/**
 * How to begin `startSeconds` after the first picture of a source. ffmpeg is not asked to seek exactly: it would drop the
 * picture that is seen at that moment when that one began a little earlier. It begins at a key frame before, and the filter
 * graph picks the pictures. Where time stamps start anew there is no telling where a seek leads: all is read.
 *
 * @param ownClock all time stamps of the command are the files' own (-copyts)
 */
export function seekTo(
  startSeconds: number,
  { container, video, restarts }: Pick<Probe, "container" | "video" | "restarts">,
  ownClock = false,
): Seek {
  const margin = INDEXED.test(container) ? 0 : MARGIN_SECONDS;
  if (startSeconds <= margin || restarts) return { inputOptions: [], fromFirstPicture: true, startSeconds };
  // -seek_timestamp: on the file's own clock, as the picture's start is told.
  const target = (video?.startSeconds ?? 0) + startSeconds - margin;
  return {
    inputOptions: ["-seek_timestamp", "1", "-ss", target.toFixed(6), "-noaccurate_seek"],
    fromFirstPicture: false,
    ...(ownClock && { clockSeconds: target }),
    startSeconds: margin,
  };
}
