import type { Probe } from "../probe/parse.js";

/** How to reach the first moment of a stretch. */
export interface Seek {
  /** Options before the input. */
  inputOptions: string[];
  /** Timestamps count from the first picture (no seek), or else from the seek position. */
  fromFirstPicture: boolean;
  /** If timestamps are the file's own (-copyts): the seek position on that clock. */
  clockSeconds?: number;
  /** Start of the stretch, from where timestamps count. */
  startSeconds: number;
}

/** Containers whose index finds the key frame before any time. In others the seek goes back by a margin. */
const INDEXED = /^(mov|matroska)/;
const MARGIN_SECONDS = 15;

type Timing = Pick<Probe, "container" | "video" | "restarts">;

const hasIndex = ({ container }: Timing): boolean => INDEXED.test(container);

/**
 * Whether a command must use the files' own timestamps (-copyts), for all of its inputs: if timestamps restart midway,
 * or after a seek in a container without an index (from ffmpeg 9 on, they count from the start of a stream that is not
 * even used otherwise).
 */
export const needsOwnClock = (startSeconds: number, source: Timing): boolean =>
  source.restarts !== undefined || (!hasIndex(source) && startSeconds > MARGIN_SECONDS);

/**
 * How to begin `startSeconds` after the first picture of a source. ffmpeg's accurate seek is not used: it drops the
 * picture on screen at that time if it began a little earlier. Instead it starts at a key frame before, and the filter
 * graph selects the pictures. If timestamps restart, the result of a seek is undefined, so everything is read.
 *
 * @param ownClock all timestamps of the command are the files' own (-copyts)
 */
export function seekTo(startSeconds: number, source: Timing, ownClock = needsOwnClock(startSeconds, source)): Seek {
  const margin = hasIndex(source) ? 0 : MARGIN_SECONDS;
  if (startSeconds <= margin || source.restarts) return { inputOptions: [], fromFirstPicture: true, startSeconds };
  // -seek_timestamp: on the file's own clock, like the picture's start.
  const target = (source.video?.startSeconds ?? 0) + startSeconds - margin;
  return {
    inputOptions: ["-seek_timestamp", "1", "-ss", target.toFixed(6), "-noaccurate_seek"],
    fromFirstPicture: false,
    ...(ownClock && { clockSeconds: target }),
    startSeconds: margin,
  };
}
