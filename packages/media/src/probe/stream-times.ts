import { chosenStreams } from "./chosen-streams.js";
import type { FfprobeJson, FfprobeStream } from "./ffprobe-json.js";
import type { Findings } from "./parse.js";
import { movedSeconds, restartOffsets } from "./restarts.js";

/** If packets don't state when their pictures are shown (AVI), decoded pictures do. */
export function pictureTimes(stream: FfprobeStream, json: FfprobeJson, findings: Findings) {
  const { firstSeconds, shown } = findings.pictures ?? {};
  const times = {
    startSeconds: shown?.startSeconds ?? seconds(stream.start_time) ?? 0,
    durationSeconds: duration(stream, json, findings),
    ...(firstSeconds !== undefined && { firstPictureSeconds: firstSeconds }),
  };
  if (!shown || isCutOff(json, findings)) return times;
  const shownSeconds = shown.endSeconds - shown.startSeconds;
  return Math.abs(shownSeconds - times.durationSeconds) > ROUNDING_SECONDS
    ? { ...times, durationSeconds: shownSeconds }
    : times;
}

/**
 * MP4 states the length of its last packet and of its edits: if the two agree within a packet, that is the end of the
 * audio.
 */
export function exactSeconds(stream: FfprobeStream, { scan }: Findings): number | undefined {
  const part = scan?.get(stream.index)?.parts.at(-1);
  const stated = statedDuration(stream);
  if (!part || stated === undefined) return undefined;
  const found = part.endSeconds - (seconds(stream.start_time) ?? 0);
  return Math.abs(found - stated) < PACKET_SECONDS ? Math.min(found, stated) : undefined;
}

/** No audio packet lasts longer. */
const PACKET_SECONDS = 0.2;

/**
 * From the stream's start to the end of its packets. The stated length is used if both agree, if packets were not
 * scanned, and if the file is truncated: using the missing part then fails, instead of silently giving less.
 */
export function duration(stream: FfprobeStream, json: FfprobeJson, findings: Findings): number {
  const start = seconds(stream.start_time) ?? 0;
  const fileEnd = (seconds(json.format?.duration) ?? 0) + (seconds(json.format?.start_time) ?? 0);
  const stated = statedDuration(stream);
  const parts = findings.scan?.get(stream.index)?.parts ?? [];
  const [only] = parts;
  if (!only || isCutOff(json, findings)) {
    const end = (only ? undefined : taggedEnd(stream)) ?? fileEnd;
    return stated ?? Math.max(0, end - start);
  }
  const found =
    parts.length > 1 ? movedSeconds(parts, restartsOf(json, findings)) : Math.max(0, only.endSeconds - start);
  return stated !== undefined && Math.abs(stated - found) <= ROUNDING_SECONDS ? stated : found;
}

/** Headers and packets are rounded differently. Two frames at 60 fps, which the end of a clip can fill in. */
const ROUNDING_SECONDS = 0.034;

/** If truncation is unknown: more than rounding, and than the last packet of sparse streams (subtitles). */
const CUT_OFF_SECONDS = 1;

/**
 * The stated length is well beyond the last packet, and the file is truncated, or its container does not show whether
 * it is.
 */
function isCutOff({ format, streams = [] }: FfprobeJson, { scan, breaksOff }: Findings): boolean {
  const container = format?.format_name ?? "";
  const ends = [...(scan?.values() ?? [])].flatMap(({ parts }) => parts.map(({ endSeconds }) => endSeconds));
  if (ends.length === 0) return false;
  if (!(breaksOff ?? STATES_LENGTH_FIRST.test(container))) return false;
  const statedEnds = streams.flatMap((stream) => {
    const stated = statedDuration(stream);
    return stated === undefined ? [] : [stated + (seconds(stream.start_time) ?? 0)];
  });
  const fileEnd = (seconds(format?.duration) ?? 0) + (seconds(format?.start_time) ?? 0);
  const end = Math.max(fileEnd, ...statedEnds);
  return end - Math.max(...ends) > (breaksOff ? ROUNDING_SECONDS : CUT_OFF_SECONDS);
}

/** Containers that state the length in their first bytes, which survive truncation. */
const STATES_LENGTH_FIRST = /^(matroska|flv)/;

function statedDuration(stream: FfprobeStream): number | undefined {
  const stated = seconds(stream.duration);
  return stated !== undefined && stated > 0 ? stated : undefined;
}

/** Matroska may have a stream's end as a tag: "00:00:05.005000000". Programs that copy streams leave it unchanged. */
function taggedEnd({ tags }: FfprobeStream): number | undefined {
  const tag = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(tags?.DURATION ?? "");
  return tag ? Number(tag[1]) * 3600 + Number(tag[2]) * 60 + Number(tag[3]) : undefined;
}

/** If timestamps restart: the offset in seconds for each further part of the streams that are used. */
export function restartsOf(json: FfprobeJson, { scan }: Findings): number[] {
  const { video, audios } = chosenStreams(json);
  const played = [...(video ? [video] : []), ...audios.map(({ stream }) => stream)];
  return restartOffsets(played.map(({ index }) => scan?.get(index)?.parts ?? []));
}

export function seconds(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) ? value : undefined;
}
