import { parseDuration } from "@polyreel/spec/batch-file";
import { InvalidArgumentError } from "commander";

/** Parses a time: a date with an optional time of day (in the local zone by default), or an age. */
export function parseMoment(text: string): Date {
  const ago = /^\d+$/.test(text) ? undefined : parseDuration(text);
  const moment = ago ? new Date(Date.now() - Number(ago.seconds) * 1000 - ago.nanos / 1e6) : new Date(text);
  if (/^\d{4}-/.test(text) || ago) {
    if (Number.isFinite(moment.getTime())) return moment;
  }
  throw new InvalidArgumentError("Give a time like 2026-05-01T12:00, or how long ago: 2h, 30m.");
}
