import { PolyreelError } from "@polyreel/platform/errors.js";

/** What a source is. */
export interface Probe {
  /** ffmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string;
  sizeBytes: number;
  /** Of the longest stream. 0 for stills. */
  durationSeconds: number;
  /** The first stream with pictures. Cover pictures of sound files are not counted. */
  video?: VideoProbe;
  /** The first stream with sound. */
  audio?: AudioProbe;
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
  /** The file says how its colours were made from red, green and blue. */
  matrixStated: boolean;
  /** Brightness is stored for HDR screens (PQ or HLG). */
  hdr: boolean;
}

export interface AudioProbe {
  codec: string;
  channels: number;
  sampleRate: number;
  /** Time of the first sample on the file's clock. */
  startSeconds: number;
  durationSeconds: number;
}

/** ffprobe's -of json -show_format -show_streams, as far as it is read here. Numbers come as text. */
export interface FfprobeJson {
  format?: { format_name?: string; duration?: string; start_time?: string; size?: string };
  streams?: FfprobeStream[];
  /** Of stills: the first picture, as EXIF's orientation stands there. */
  frames?: { side_data_list?: SideData[] }[];
  /** Of everything else: the first packet. */
  packets?: { side_data_list?: SideData[] }[];
}

interface FfprobeStream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  pix_fmt?: string;
  field_order?: string;
  color_space?: string;
  color_transfer?: string;
  avg_frame_rate?: string;
  r_frame_rate?: string;
  start_time?: string;
  duration?: string;
  nb_read_packets?: string;
  channels?: number;
  sample_rate?: string;
  disposition?: { attached_pic?: number };
  tags?: Record<string, string>;
  side_data_list?: SideData[];
}

interface SideData {
  side_data_type?: string;
  displaymatrix?: string;
  rotation?: number;
}

/** When the last packet of each stream ends, by stream index. */
export type PacketEnds = ReadonlyMap<number, number>;

/** A probe from what ffprobe says, and where it had to be asked, from where the packets end. Throws `invalid`. */
export function parseProbe(json: FfprobeJson, packetEnds: PacketEnds = new Map()): Probe {
  const { video, audio } = chosenStreams(json);
  if (!video && !audio) {
    throw new PolyreelError("invalid", {
      reason: "The file has neither pictures nor sound.",
      remedy: "Use a video, sound or picture file.",
    });
  }
  if (json.packets?.[0]?.side_data_list?.some(({ side_data_type }) => side_data_type === "Encryption info")) {
    throw new PolyreelError("invalid", {
      reason: "The file is encrypted (DRM): without its key it can't be decoded.",
      remedy: "Use a copy without copy protection.",
    });
  }
  const container = json.format?.format_name ?? "";
  const probe: Probe = { container, sizeBytes: Number(json.format?.size ?? 0), durationSeconds: 0 };
  if (video) probe.video = videoProbe(video, json, packetEnds);
  if (audio) probe.audio = audioProbe(audio, json, packetEnds);
  probe.durationSeconds = Math.max(probe.video?.durationSeconds ?? 0, probe.audio?.durationSeconds ?? 0);
  return probe;
}

/** Streams that say nothing of their length, so that their packets must be asked. */
export function withoutDuration(json: FfprobeJson): number[] {
  const { video, audio } = chosenStreams(json);
  if (isStill(json, video)) return [];
  return [video, audio].flatMap((stream) => (stream && statedDuration(stream) === undefined ? [stream.index] : []));
}

function chosenStreams({ streams = [] }: FfprobeJson) {
  return {
    video: streams.find((s) => s.codec_type === "video" && s.disposition?.attached_pic !== 1 && s.width && s.height),
    audio: streams.find((s) => s.codec_type === "audio" && s.channels),
  };
}

function videoProbe(stream: FfprobeStream, json: FfprobeJson, ends: PacketEnds): VideoProbe {
  const still = isStill(json, stream);
  const rotationDegrees = rotation(stream.side_data_list) ?? rotation(json.frames?.[0]?.side_data_list) ?? 0;
  const aspect = ratio(stream.sample_aspect_ratio) ?? 1;
  const size = [Math.max(1, Math.round((stream.width ?? 0) * aspect)), stream.height ?? 0] as const;
  const decoder = alphaDecoder(stream);
  const [width, height] = rotationDegrees % 180 === 0 ? size : [size[1], size[0]];
  return {
    codec: stream.codec_name ?? "unknown",
    width,
    height,
    rotationDegrees,
    frameRate: still ? 0 : (ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate) ?? 0),
    startSeconds: still ? 0 : (seconds(stream.start_time) ?? 0),
    durationSeconds: still ? 0 : duration(stream, json, ends),
    still,
    ...(decoder && { decoder }),
    pixels: { ...pixelProbe(stream), ...(decoder && { alpha: true }) },
  };
}

const ALPHA_DECODERS: Partial<Record<string, string>> = { vp8: "libvpx", vp9: "libvpx-vp9" };

/** WebM keeps transparency as a second picture beside the one in `pix_fmt`, and says so in a tag. */
const alphaDecoder = ({ codec_name = "", tags }: FfprobeStream): string | undefined =>
  tags?.alpha_mode === "1" ? ALPHA_DECODERS[codec_name] : undefined;

const pixelProbe = ({ pix_fmt = "", field_order, color_space, color_transfer = "" }: FfprobeStream): PixelProbe => ({
  alpha: /^(yuva|gbrap|rgba|bgra|argb|abgr|ya\d|pal8)/.test(pix_fmt),
  interlaced: /^(tt|bb|tb|bt)$/.test(field_order ?? ""),
  matrixStated: color_space !== undefined && color_space !== "unknown",
  hdr: color_transfer === "smpte2084" || color_transfer === "arib-std-b67",
});

const audioProbe = (stream: FfprobeStream, json: FfprobeJson, ends: PacketEnds): AudioProbe => ({
  codec: stream.codec_name ?? "unknown",
  channels: stream.channels ?? 0,
  sampleRate: Number(stream.sample_rate ?? 0),
  startSeconds: seconds(stream.start_time) ?? 0,
  durationSeconds: duration(stream, json, ends),
});

/** Pictures come by a *_pipe demuxer; of what may move, what has just one packet is a still. */
const isStill = (json: FfprobeJson, video: FfprobeStream | undefined): boolean =>
  video !== undefined &&
  (/_pipe$/.test(json.format?.format_name ?? "") || (json.packets === undefined && video.nb_read_packets === "1"));

/** What the stream says, else where its packets end, else what Matroska's tag says, else the whole file's. */
function duration(stream: FfprobeStream, json: FfprobeJson, ends: PacketEnds): number {
  const start = seconds(stream.start_time) ?? 0;
  const fileEnd = (seconds(json.format?.duration) ?? 0) + (seconds(json.format?.start_time) ?? 0);
  const end = isCutOff(json, fileEnd, ends) ? fileEnd : (ends.get(stream.index) ?? taggedEnd(stream) ?? fileEnd);
  return statedDuration(stream) ?? Math.max(0, end - start);
}

/** Beyond all rounding, and the last packet of streams that have few (subtitles). */
const CUT_OFF_SECONDS = 1;

/**
 * Matroska says first how long it is: one whose packets all end well before was not fetched to its end. It is taken at its
 * word, so that whoever uses what is missing hears of it.
 */
const isCutOff = ({ format }: FfprobeJson, fileEnd: number, ends: PacketEnds): boolean =>
  /^matroska/.test(format?.format_name ?? "") &&
  ends.size > 0 &&
  fileEnd - Math.max(...ends.values()) > CUT_OFF_SECONDS;

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
