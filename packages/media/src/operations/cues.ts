import { PolyreelError } from "@polyreel/platform";

/** Text and timing of a subtitle, in seconds from the start of the video. */
export interface Cue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** From the top. */
  readonly lines: readonly string[];
}

/** A cue as written to a file, in whole milliseconds. */
export interface TimedCue {
  readonly startMilliseconds: number;
  readonly endMilliseconds: number;
  readonly lines: string[];
}

/**
 * The cues of one speaker for a file: sorted, in whole milliseconds, at least one long and ended by the next. Cues that
 * begin in the same millisecond are merged; empty ones and those that end before the video begins are left out. Throws
 * PolyreelError `internal` for times that are not finite.
 */
export function timedCues(cues: readonly Cue[]): TimedCue[] {
  const timed: { startMilliseconds: number; endMilliseconds: number; lines: string[] }[] = [];
  const ordered = cues.map(timedCue).toSorted((one, other) => one.start - other.start);
  for (const { start, end, lines } of ordered) {
    if (lines.length === 0 || end <= 0) continue;
    const from = Math.max(0, start);
    const last = timed.at(-1);
    if (last?.startMilliseconds === from) {
      last.lines.push(...lines);
      last.endMilliseconds = Math.max(last.endMilliseconds, end);
      continue;
    }
    if (last) last.endMilliseconds = Math.min(last.endMilliseconds, from);
    timed.push({ startMilliseconds: from, endMilliseconds: Math.max(end, from + 1), lines: [...lines] });
  }
  return timed;
}

function timedCue({ startSeconds, endSeconds, lines }: Cue) {
  const [start, end] = [Math.round(startSeconds * 1000), Math.round(endSeconds * 1000)];
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) {
    throw new PolyreelError("internal", `A subtitle lasts from ${startSeconds} s to ${endSeconds} s.`);
  }
  return { start, end, lines: lines.flatMap(printableLines) };
}

/**
 * The cues of several speakers without overlaps: while two speak at once both are shown, the first speaker's lines
 * above. `speakers` as returned by `timedCues`.
 */
export function stackedCues(speakers: readonly (readonly TimedCue[])[]): TimedCue[] {
  const [only] = speakers;
  if (speakers.length <= 1) return [...(only ?? [])];
  const times = speakers.flatMap((cues) => cues.flatMap((cue) => [cue.startMilliseconds, cue.endMilliseconds]));
  const changes = [...new Set(times)].sort((a, b) => a - b);
  const next = speakers.map(() => 0);
  const stacked: TimedCue[] = [];
  for (const [i, start] of changes.slice(0, -1).entries()) {
    const end = changes[i + 1] ?? start;
    const lines = speakers.flatMap((cues, speaker) => {
      while ((cues[next[speaker] ?? 0]?.endMilliseconds ?? Number.POSITIVE_INFINITY) <= start)
        next[speaker] = (next[speaker] ?? 0) + 1;
      const cue = cues[next[speaker] ?? 0];
      return cue && cue.startMilliseconds <= start ? cue.lines : [];
    });
    if (lines.length > 0) stacked.push({ startMilliseconds: start, endMilliseconds: end, lines });
  }
  return stacked;
}

/** Any line break ends a line of a subtitle; blank lines would end the subtitle, and control characters are invisible. */
function printableLines(text: string): string[] {
  return text
    .split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/)
    .map((line) =>
      line
        .replaceAll("\t", " ")
        .replace(/[\p{Cc}\ufeff]/gu, "")
        .trim(),
    )
    .filter((line) => /[^\p{Z}\p{Cf}]/u.test(line));
}

/** At least two digits of hours, minutes, seconds, milliseconds; `mark` is the decimal separator. */
export function timeStamp(milliseconds: number, mark: "," | "."): string {
  const part = (of: number, unit: number, digits = 2) =>
    String(Math.floor(milliseconds / unit) % of).padStart(digits, "0");
  const hours = part(Number.POSITIVE_INFINITY, 3_600_000);
  return `${hours}:${part(60, 60_000)}:${part(60, 1000)}${mark}${part(1000, 1, 3)}`;
}
