import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import { Deinterlace, MediaContainer, type TimeRange, type Transcode, VideoFit } from "@polyreel/contract";
import { type Presets, withPreset } from "./presets.js";

/**
 * Settings of a transcode with their preset's and all defaults that don't depend on the input. Codecs and quality stay
 * unset: what is not asked for may be copied.
 */
export function normalizeTranscode(given: Transcode, presets: Presets): Transcode {
  const settings = withPreset(given, presets);
  settings.container ||= MediaContainer.MP4;
  settings.deinterlace ||= Deinterlace.AUTO;
  settings.background = settings.background.toLowerCase() || "#000000";
  if (settings.width > 0 && settings.height > 0) settings.fit ||= VideoFit.CONTAIN;
  const { trim } = settings;
  if (trim) fillTrim(trim);
  if (trim && !trim.end && nanosOf(trim.start) === 0n) delete settings.trim;
  return settings;
}

/** A single spelling, by start and end. */
function fillTrim(trim: TimeRange): void {
  trim.start ??= create(DurationSchema);
  if (trim.duration && !trim.end) trim.end = durationOf(nanosOf(trim.start) + nanosOf(trim.duration));
  delete trim.duration;
}

const NANOS = 1_000_000_000n;

const nanosOf = (duration: Duration | undefined): bigint =>
  duration ? duration.seconds * NANOS + BigInt(duration.nanos) : 0n;

const durationOf = (nanos: bigint): Duration =>
  create(DurationSchema, { seconds: nanos / NANOS, nanos: Number(nanos % NANOS) });
