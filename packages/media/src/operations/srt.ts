import { type TimedCue, timeStamp } from "./cues.js";

/** WORD JOINER: zero width, and no line break. */
const JOINER = "\u2060";

/**
 * SubRip has no escapes, but players interpret some HTML tags, character references (VLC), commands in braces of SSA and
 * MicroDVD, line breaks of SSA (ffmpeg), and an arrow as the beginning of another subtitle. An invisible character
 * within prevents that.
 */
const MARKUP = /<(?=\S)|&(?=#?\w+;)|\{(?=\\|[cfopsy]:)|\\(?=[nh])|--(?=>)/giu;

/** Formats non-overlapping cues as SubRip: UTF-8 with CR LF. */
export const srt = (cues: readonly TimedCue[]): string =>
  cues
    .map(({ startMilliseconds, endMilliseconds, lines }, i) => {
      const times = `${timeStamp(startMilliseconds, ",")} --> ${timeStamp(endMilliseconds, ",")}`;
      return [i + 1, times, ...lines.map(escaped), "", ""].join("\r\n");
    })
    .join("");

const escaped = (line: string): string => line.replace(MARKUP, (mark) => mark + JOINER);
