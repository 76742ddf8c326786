import { type TimedCue, timeStamp } from "./cues.js";

/** WORD JOINER: it has no width, and no line ends at it. */
const JOINER = "\u2060";

/**
 * SubRip. The format has no escapes, but players read some tags of HTML, character references (VLC), commands in braces, and
 * a line with an arrow as the beginning of another subtitle. An invisible character within keeps such text what it is.
 */
const MEANT_OTHERWISE = /<(?=\S)|&(?=#?\w+;)|\{(?=\\)|--(?=>)/giu;

/** Cues that don't overlap as a SubRip file: UTF-8, lines ended as Windows ends them. */
export const srt = (cues: readonly TimedCue[]): string =>
  cues
    .map(({ startMilliseconds, endMilliseconds, lines }, i) => {
      const times = `${timeStamp(startMilliseconds, ",")} --> ${timeStamp(endMilliseconds, ",")}`;
      return [i + 1, times, ...lines.map(escaped), "", ""].join("\r\n");
    })
    .join("");

const escaped = (line: string): string => line.replace(MEANT_OTHERWISE, (mark) => mark + JOINER);
