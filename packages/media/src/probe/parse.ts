import { sourceError } from "@polyreel/platform";
import type { Gamut } from "../colour/gamut.js";
import type { BreaksOff } from "./breaks-off.js";
import { colourProbe } from "./colour-probe.js";
import type { FfprobeJson, FfprobeStream, SideData } from "./ffprobe-json.js";
import { movedSeconds, restartOffsets } from "./restarts.js";
import type { PictureSample } from "./sample-pictures.js";
import type { PacketScan } from "./scan-packets.js";

/** Properties of a source. */
export interface Probe {
  /** ffmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string;
  sizeBytes: number;
  /** Of the longest stream. 0 for stills. */
  durationSeconds: number;
  /** The first video stream. Covers of audio files are ignored. */
  video?: VideoProbe;
  /** The default audio track: the first one marked default, or else the first. */
  audio?: AudioProbe;
  /** If there are several: all audio tracks, in the file's order. */
  tracks?: readonly AudioProbe[];
  /** If timestamps restart: the offset in seconds for each further part (see restarts.ts). */
  restarts?: readonly number[];
}

export interface VideoProbe {
  codec: string;
  /** As displayed: square pixels, after rotation. */
  width: number;
  height: number;
  /** Clockwise rotation for display: 0, 90, 180 or 270 (a mirrored picture counts as not rotated). */
  rotationDegrees: number;
  /** On average. 0 for stills. */
  frameRate: number;
  /** Time of the first picture on the file's clock. */
  startSeconds: number;
  /** Time of the first decoded picture, on the file's clock: containers round or omit start times, and edit lists cut. */
  firstPictureSeconds?: number;
  /** From the first picture's start to the last one's end. 0 for stills. */
  durationSeconds: number;
  still: boolean;
  /** A decoder that must be selected by name: ffmpeg's own for VP8 and VP9 ignore transparency. */
  decoder?: string;
  /** How to convert its pixels; always set by parseProbe. */
  pixels?: PixelProbe;
}

export interface PixelProbe {
  /** Parts of the picture may be transparent. */
  alpha: boolean;
  /** Alternate lines belong to two moments. */
  interlaced: boolean;
  /** Only some pictures are marked as interlaced, or only the pictures and not the stream. */
  interlacedPictures?: true;
  /** The file states its colour matrix. */
  matrixStated: boolean;
  /** The matrix, if it is one of SDR. */
  matrix?: "bt709" | "bt601";
  /** The transfer is HDR (PQ or HLG). */
  hdr: boolean;
  /** HDR without stated primaries. */
  primariesUnstated?: true;
  /** Conversion from other primaries than BT.709's, by its tags or its profile. */
  gamut?: Gamut;
}

export interface AudioProbe {
  /** Position among the file's audio tracks, from 0. */
  track?: number;
  language?: string;
  title?: string;
  codec: string;
  channels: number;
  sampleRate: number;
  /** Time of the first sample on the file's clock. */
  startSeconds: number;
  durationSeconds: number;
  /** The track's exact length, if the container states it. Further decoded samples are encoder padding. */
  exactSeconds?: number;
}

/** Properties found by reading packets and pictures, if they were read. */
export interface Findings {
  scan?: PacketScan;
  pictures?: PictureSample;
  /** The file is truncated; undefined if its container does not show that. */
  breaksOff?: BreaksOff | undefined;
}

/**
 * Builds a probe from ffprobe's report of the header, corrected by findings from packets and pictures. Throws
 * `invalid`.
 */
export function parseProbe(json: FfprobeJson, findings: Findings = {}): Probe {
  const { video, audios } = chosenStreams(json);
  if (!video && audios.length === 0) {
    throw sourceError({
      reason: "The file has neither pictures nor sound.",
      remedy: "Use a video, sound or picture file.",
    });
  }
  if (json.packets?.[0]?.side_data_list?.some(({ side_data_type }) => side_data_type === "Encryption info")) {
    throw sourceError({
      reason: "The file is encrypted (DRM): without its key it can't be decoded.",
      remedy: "Use a copy without copy protection.",
    });
  }
  const container = json.format?.format_name ?? "";
  const probe: Probe = { container, sizeBytes: Number(json.format?.size ?? 0), durationSeconds: 0 };
  if (video) probe.video = videoProbe(video, json, findings);
  const tracks = audios.map(({ stream, track }) => audioProbe(stream, track, json, findings));
  const chosen =
    tracks[
      Math.max(
        0,
        audios.findIndex(({ stream }) => stream.disposition?.default === 1),
      )
    ];
  if (chosen) probe.audio = chosen;
  if (tracks.length > 1) probe.tracks = tracks;
  const restarts = restartsOf(json, findings);
  if (restarts.length > 0) probe.restarts = restarts;
  probe.durationSeconds = Math.max(probe.video?.durationSeconds ?? 0, probe.audio?.durationSeconds ?? 0);
  return probe;
}

function restartsOf(json: FfprobeJson, { scan }: Findings): number[] {
  const { video, audios } = chosenStreams(json);
  const played = [...(video ? [video] : []), ...audios.map(({ stream }) => stream)];
  return restartOffsets(played.map(({ index }) => scan?.get(index)?.parts ?? []));
}

/** Whether packets and pictures can add to the header. */
export const isMoving = (json: FfprobeJson): boolean => !isStill(json, chosenStreams(json).video);

/** The stream that pictures are taken from. */
export const pictureStream = (json: FfprobeJson): FfprobeStream | undefined => chosenStreams(json).video;

function chosenStreams({ streams = [] }: FfprobeJson) {
  return {
    video: streams.find((s) => s.codec_type === "video" && s.disposition?.attached_pic !== 1 && s.width && s.height),
    audios: streams
      .filter((s) => s.codec_type === "audio")
      .map((stream, track) => ({ stream, track }))
      .filter(({ stream }) => stream.channels),
  };
}

function videoProbe(stream: FfprobeStream, json: FfprobeJson, findings: Findings): VideoProbe {
  const still = isStill(json, stream);
  const rotationDegrees = rotation(stream.side_data_list) ?? rotation(json.frames?.[0]?.side_data_list) ?? 0;
  // The density of a still is meant for printing: its pixels are square, as in browsers.
  const aspect = still ? 1 : (ratio(stream.sample_aspect_ratio) ?? 1);
  const size = [Math.max(1, Math.round((stream.width ?? 0) * aspect)), stream.height ?? 0] as const;
  const decoder = alphaDecoder(stream);
  const [width, height] = rotationDegrees % 180 === 0 ? size : [size[1], size[0]];
  return {
    codec: stream.codec_name ?? "unknown",
    width,
    height,
    rotationDegrees,
    frameRate: still ? 0 : (ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate) ?? 0),
    ...(still ? { startSeconds: 0, durationSeconds: 0 } : pictureTimes(stream, json, findings)),
    still,
    ...(decoder && { decoder }),
    pixels: { ...pixelProbe(stream), ...(decoder && { alpha: true }), ...markedPictures(stream, findings) },
  };
}

/** If packets don't state when their pictures are shown (AVI), decoded pictures do. */
function pictureTimes(stream: FfprobeStream, json: FfprobeJson, findings: Findings) {
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

const markedPictures = (stream: FfprobeStream, { pictures }: Findings): Pick<PixelProbe, "interlacedPictures"> =>
  pictures?.interlaced && !isInterlaced(stream) ? { interlacedPictures: true } : {};

const ALPHA_DECODERS: Partial<Record<string, string>> = { vp8: "libvpx", vp9: "libvpx-vp9" };

/** WebM stores transparency as a second picture, stated by a tag and not by `pix_fmt`. */
const alphaDecoder = ({ codec_name = "", tags }: FfprobeStream): string | undefined =>
  tags?.alpha_mode === "1" ? ALPHA_DECODERS[codec_name] : undefined;

const isInterlaced = ({ field_order }: FfprobeStream): boolean => /^(tt|bb|tb|bt)$/.test(field_order ?? "");

const pixelProbe = (stream: FfprobeStream): PixelProbe => ({
  alpha: /^(yuva|gbrap|rgba|bgra|argb|abgr|ya\d|pal8)/.test(stream.pix_fmt ?? ""),
  interlaced: isInterlaced(stream),
  ...colourProbe(stream),
});

function audioProbe(stream: FfprobeStream, track: number, json: FfprobeJson, findings: Findings): AudioProbe {
  const { language, title } = stream.tags ?? {};
  const durationSeconds = duration(stream, json, findings);
  const exact = /^mov/.test(json.format?.format_name ?? "") ? exactSeconds(stream, findings) : undefined;
  return {
    track,
    ...(language && language !== "und" && { language }),
    ...(title && { title }),
    codec: stream.codec_name ?? "unknown",
    channels: stream.channels ?? 0,
    sampleRate: Number(stream.sample_rate ?? 0),
    startSeconds: seconds(stream.start_time) ?? 0,
    durationSeconds,
    ...(exact !== undefined && { exactSeconds: exact }),
  };
}

/**
 * MP4 states the length of its last packet and of its edits: if the two agree within a packet, that is the end of the
 * audio.
 */
function exactSeconds(stream: FfprobeStream, { scan }: Findings): number | undefined {
  const part = scan?.get(stream.index)?.parts.at(-1);
  const stated = statedDuration(stream);
  if (!part || stated === undefined) return undefined;
  const found = part.endSeconds - (seconds(stream.start_time) ?? 0);
  return Math.abs(found - stated) < PACKET_SECONDS ? Math.min(found, stated) : undefined;
}

/** No audio packet lasts longer. */
const PACKET_SECONDS = 0.2;

/** Stills use a *_pipe demuxer; in formats that may move, a single packet is a still. */
const isStill = (json: FfprobeJson, video: FfprobeStream | undefined): boolean =>
  video !== undefined &&
  (/_pipe$/.test(json.format?.format_name ?? "") || (json.packets === undefined && video.nb_read_packets === "1"));

/**
 * From the stream's start to the end of its packets. The stated length is used if both agree, if packets were not
 * scanned, and if the file is truncated: using the missing part then fails, instead of silently giving less.
 */
function duration(stream: FfprobeStream, json: FfprobeJson, findings: Findings): number {
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

/** Clockwise degrees of a display matrix; ffprobe reports them counterclockwise. Undefined without a matrix. */
function rotation(sideData: SideData[] | undefined): number | undefined {
  const found = sideData?.find((data) => data.rotation !== undefined)?.rotation;
  if (found === undefined) return undefined;
  return (((Math.round(-found / 90) * 90) % 360) + 360) % 360;
}

/** "16/9" or "16:9" as a number; undefined for "0/0", "0:1" and anything else. */
function ratio(text: string | undefined): number | undefined {
  const [numerator, denominator] = (text ?? "").split(/[/:]/).map(Number);
  return numerator && denominator ? numerator / denominator : undefined;
}

function seconds(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) ? value : undefined;
}
