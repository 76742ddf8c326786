import { sourceError } from "@polyreel/platform";
import type { Gamut } from "../colour/gamut.js";
import type { BreaksOff } from "./breaks-off.js";
import { colourProbe } from "./colour-probe.js";
import type { FfprobeJson, FfprobeStream, SideData } from "./ffprobe-json.js";
import { movedSeconds, restartOffsets } from "./restarts.js";
import type { PictureSample } from "./sample-pictures.js";
import type { PacketScan } from "./scan-packets.js";

/** What a source is. */
export interface Probe {
  /** ffmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string;
  sizeBytes: number;
  /** Of the longest stream. 0 for stills. */
  durationSeconds: number;
  /** The first stream with pictures. Cover pictures of sound files are not counted. */
  video?: VideoProbe;
  /** The sound track that players play: the first one marked default, else the first. */
  audio?: AudioProbe;
  /** Where there are several: all sound tracks, in the file's order. */
  tracks?: readonly AudioProbe[];
  /** Where time stamps start anew: by how many seconds each further part is moved (see restarts.ts). */
  restarts?: readonly number[];
}

export interface VideoProbe {
  codec: string;
  /** As shown: square pixels, after rotation. */
  width: number;
  height: number;
  /** Clockwise turn that showing it takes: 0, 90, 180 or 270 (a mirrored picture counts as not turned). */
  rotationDegrees: number;
  /** On average. 0 for stills. */
  frameRate: number;
  /** Time of the first picture on the file's clock. */
  startSeconds: number;
  /** Time of the first picture as it is decoded, on the file's clock: containers round or omit start times, and edit lists cut. */
  firstPictureSeconds?: number;
  /** From the first picture's start to the last one's end. 0 for stills. */
  durationSeconds: number;
  still: boolean;
  /** The decoder that must be asked for by name: ffmpeg's own for VP8 and VP9 leave transparency out. */
  decoder?: string;
  /** What it takes to turn its pixels into ours; parseProbe always tells it. */
  pixels?: PixelProbe;
}

export interface PixelProbe {
  /** Parts of the picture may be transparent. */
  alpha: boolean;
  /** Lines of two moments are woven into one picture. */
  interlaced: boolean;
  /** Only some pictures are marked so, or only the pictures are: the stream itself is not. */
  interlacedPictures?: true;
  /** The file says how its colours were made from red, green and blue. */
  matrixStated: boolean;
  /** Which it is, where it is one of ordinary screens. */
  matrix?: "bt709" | "bt601";
  /** Brightness is stored for HDR screens (PQ or HLG). */
  hdr: boolean;
  /** Of HDR: the file does not say what red, green and blue its colours are made of. */
  primariesUnstated?: true;
  /** Its colours are of other primaries than ours, by its tags or its profile. */
  gamut?: Gamut;
}

export interface AudioProbe {
  /** Position among the file's sound tracks, from 0. */
  track?: number;
  language?: string;
  title?: string;
  codec: string;
  channels: number;
  sampleRate: number;
  /** Time of the first sample on the file's clock. */
  startSeconds: number;
  durationSeconds: number;
  /** Where the container has it: the track's length to the sample. What is decoded beyond it is padding of the encoder. */
  exactSeconds?: number;
}

/** What packets and pictures show of a file, where they were looked at. */
export interface Findings {
  scan?: PacketScan;
  pictures?: PictureSample;
  /** The file ends before what it is made of does; undefined where its container does not show that. */
  breaksOff?: BreaksOff | undefined;
}

/** A probe from what ffprobe reports of the header, corrected by what packets and pictures show. Throws `invalid`. */
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

/** Whether packets and pictures have more to show than the header. */
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
  // Densities of stills are for printing: these have square pixels, as browsers show them.
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

/** Where packets don't say when their pictures are shown (AVI), the pictures themselves do. */
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

/** WebM keeps transparency as a second picture beside the one in `pix_fmt`, and says so in a tag. */
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

/** MP4 has the length of its last packet and of its edits: where the two agree, up to a packet, that is where sound ends. */
function exactSeconds(stream: FfprobeStream, { scan }: Findings): number | undefined {
  const part = scan?.get(stream.index)?.parts.at(-1);
  const stated = statedDuration(stream);
  if (!part || stated === undefined) return undefined;
  const found = part.endSeconds - (seconds(stream.start_time) ?? 0);
  return Math.abs(found - stated) < PACKET_SECONDS ? Math.min(found, stated) : undefined;
}

/** No packet of sound lasts longer. */
const PACKET_SECONDS = 0.2;

/** Pictures come by a *_pipe demuxer; of what may move, what has just one packet is a still. */
const isStill = (json: FfprobeJson, video: FfprobeStream | undefined): boolean =>
  video !== undefined &&
  (/_pipe$/.test(json.format?.format_name ?? "") || (json.packets === undefined && video.nb_read_packets === "1"));

/**
 * From where the stream starts to where its packets end. What the header states counts where both agree, where packets were
 * not looked at, and where the file breaks off: who uses what is missing gets a failure, not less than was asked for.
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

/** Headers and packets round in different ways. Two frames of 60 a second: so much is filled up at the end of a clip. */
const ROUNDING_SECONDS = 0.034;

/** Where it is not known that the file breaks off: beyond all rounding, and the last packet of streams that have few (subtitles). */
const CUT_OFF_SECONDS = 1;

/** A length is stated well beyond the last packet, and the file breaks off or its container does not show whether it does. */
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

/** Containers whose first bytes have the length, whatever became of the last ones. */
const STATES_LENGTH_FIRST = /^(matroska|flv)/;

function statedDuration(stream: FfprobeStream): number | undefined {
  const stated = seconds(stream.duration);
  return stated !== undefined && stated > 0 ? stated : undefined;
}

/** Matroska may have a stream's end as a tag: "00:00:05.005000000". Programs that copy streams leave it as it was. */
function taggedEnd({ tags }: FfprobeStream): number | undefined {
  const tag = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(tags?.DURATION ?? "");
  return tag ? Number(tag[1]) * 3600 + Number(tag[2]) * 60 + Number(tag[3]) : undefined;
}

/** Clockwise degrees of a display matrix; ffprobe gives them counterclockwise. undefined where there is no matrix. */
function rotation(sideData: SideData[] | undefined): number | undefined {
  const found = sideData?.find((data) => data.rotation !== undefined)?.rotation;
  if (found === undefined) return undefined;
  return (((Math.round(-found / 90) * 90) % 360) + 360) % 360;
}

/** "16/9" or "16:9" as a number; undefined for "0/0", "0:1" and what is none. */
function ratio(text: string | undefined): number | undefined {
  const [numerator, denominator] = (text ?? "").split(/[/:]/).map(Number);
  return numerator && denominator ? numerator / denominator : undefined;
}

function seconds(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) ? value : undefined;
}
