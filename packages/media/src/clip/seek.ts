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

type Timing = Pick<Probe, "container" | "video" | "restarts">;

const hasIndex = ({ container }: Timing): boolean => INDEXED.test(container);

/**
 * Whether the time stamps of a command must be the files' own (-copyts), which holds for all files of it: where they start
 * anew midway, and after a seek in a container without an index (from ffmpeg 9 on, they count from the start of a stream that
 * is not even used otherwise).
 */
export const needsOwnClock = (startSeconds: number, source: Timing): boolean =>
  source.restarts !== undefined || (!hasIndex(source) && startSeconds > MARGIN_SECONDS);

/**
 * How to begin `startSeconds` after the first picture of a source. ffmpeg is not asked to seek exactly: it would drop the
 * picture that is seen at that moment when that one began a little earlier. It begins at a key frame before, and the filter
 * graph picks the pictures. Where time stamps start anew there is no telling where a seek leads: all is read.
 *
 * @param ownClock all time stamps of the command are the files' own (-copyts)
 */
export function seekTo(startSeconds: number, source: Timing, ownClock = needsOwnClock(startSeconds, source)): Seek {
  const margin = hasIndex(source) ? 0 : MARGIN_SECONDS;
  if (startSeconds <= margin || source.restarts) return { inputOptions: [], fromFirstPicture: true, startSeconds };
  // -seek_timestamp: on the file's own clock, as the picture's start is told.
  const target = (source.video?.startSeconds ?? 0) + startSeconds - margin;
  return {
    inputOptions: ["-seek_timestamp", "1", "-ss", target.toFixed(6), "-noaccurate_seek"],
    fromFirstPicture: false,
    ...(ownClock && { clockSeconds: target }),
    startSeconds: margin,
  };
}
