import { parseSpan } from "@polyreel/platform";
import { parseDuration } from "@polyreel/spec";
import { InvalidArgumentError } from "commander";

/** Parses a time: a date with an optional time of day (in the local zone by default), or an age, such as 2h or 1d. */
export function parseMoment(text: string): Date {
  const ago = /^\d+$/.test(text) ? undefined : msOf(text);
  const moment = ago === undefined ? new Date(text) : new Date(Date.now() - ago);
  if (/^\d{4}-/.test(text) || ago !== undefined) {
    if (Number.isFinite(moment.getTime())) return moment;
  }
  throw new InvalidArgumentError("Give a time like 2026-05-01T12:00, or how long ago: 2h, 30m.");
}

function msOf(text: string): number | undefined {
  const duration = parseDuration(text);
  return duration ? Number(duration.seconds) * 1000 + duration.nanos / 1e6 : parseSpan(text);
}
