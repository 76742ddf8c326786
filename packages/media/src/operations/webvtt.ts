import { type TimedCue, timeStamp } from "./cues.js";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Formats non-overlapping cues as WebVTT (W3C WebVTT, sections 4.1 and 4.2.2): UTF-8; an arrow in a text is broken by
 * escaping `>`.
 */
export const webVtt = (cues: readonly TimedCue[]): string =>
  [
    "WEBVTT\n",
    ...cues.map(({ startMilliseconds, endMilliseconds, lines }) => {
      const times = `${timeStamp(startMilliseconds, ".")} --> ${timeStamp(endMilliseconds, ".")}`;
      return [times, ...lines.map(escaped), ""].join("\n");
    }),
  ].join("\n");

const escaped = (line: string): string => line.replace(/[&<>]/g, (mark) => ESCAPES[mark] ?? mark);
