import type { Transcode } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { ContainerFormat, EncodedVideoCodec } from "./formats.js";
import { type HardwareCodec, hardwareCodecs, hardwareOf } from "./hardware/hardware-encoder.js";
import { hardwareOptions } from "./hardware/hardware-options.js";
import { CAP_SECONDS, kilo } from "./rate.js";

/** What an encode of the picture depends on. */
export interface VideoEncode {
  readonly settings: Pick<Transcode, "crf" | "maxVideoKbps" | "gopSeconds" | "encoder">;
  readonly codec: EncodedVideoCodec;
  readonly format: Pick<ContainerFormat, "name">;
  readonly width: number;
  readonly frameRate: number;
  readonly frames: number;
  /** Average rate to reach; undefined: constant quality. */
  readonly kbps?: number | undefined;
  /** Of two passes: 1 gathers statistics in the file, 2 uses them. */
  readonly pass?: { readonly number: 1 | 2; readonly statistics: string } | undefined;
  /** ffmpeg's AV1 encoder. */
  readonly av1: Av1Encoder;
  /** The packets are joined with those of other encodes with these settings. */
  readonly isJoined?: boolean;
}

export type Av1Encoder = "libsvtav1" | "libaom-av1";

/** Quality that is hard to tell from the source at normal distance, with VMAF 96 to 98 on real footage. */
const CRF: Record<EncodedVideoCodec, number> = { h264: 23, hevc: 26, vp9: 32, av1: 35 };

/** Seconds between key frames: how far a seek must decode. */
const GOP_SECONDS = 5;

/**
 * An encoder's output depends on its number of threads, which therefore follows from the frames and not from the machine.
 * Never two: x264's output is not deterministic with those (docs/decisions/0013).
 */
const SHORT_FRAMES = 240;
export const renditionThreads = (frames: number): number => (frames > SHORT_FRAMES ? 4 : 1);

/** Output options that encode the stream [v]. */
export function videoOptions(encode: VideoEncode): string[] {
  return [
    ...(byHardware(encode) ?? bySoftware(encode)),
    ...gop(encode),
    // As the filters have made it; some encoders write it only if it is an option.
    ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    // Frames keep their times: a phone's frame rate varies.
    ...["-fps_mode:v", "vfr"],
  ];
}

function bySoftware(encode: VideoEncode): string[] {
  const { codec, frames } = encode;
  return [...ENCODERS[codec](encode), "-threads", String(renditionThreads(frames)), "-pix_fmt", "yuv420p"];
}

/** Undefined if software is to encode. */
function byHardware({ settings, codec, kbps, format }: VideoEncode): string[] | undefined {
  const encoder = hardwareOf(settings.encoder);
  if (!encoder) return undefined;
  if (!isHardwareCodec(codec)) throw new PolyreelError("internal", `${encoder} encodes no ${codec}.`);
  const { crf = CRF[codec], maxVideoKbps: capKbps } = settings;
  return [...hardwareOptions({ encoder, codec, crf, kbps, capKbps }), ...tag(codec, format)];
}

const isHardwareCodec = (codec: EncodedVideoCodec): codec is HardwareCodec =>
  hardwareCodecs.some((one) => one === codec);

/** Apple's players refuse the default tag, hev1. */
const tag = (codec: EncodedVideoCodec, { name }: VideoEncode["format"]): string[] =>
  codec === "hevc" && (name === "mp4" || name === "mov") ? ["-tag:v", "hvc1"] : [];

/** Key frames at exact times if asked for; also a limit in frames, for encoders that take no times (SVT-AV1). */
function gop({ settings: { gopSeconds }, frameRate }: VideoEncode): string[] {
  const frames = Math.max(1, Math.round((gopSeconds || GOP_SECONDS) * (frameRate || 25)));
  const exact = gopSeconds > 0 ? ["-force_key_frames", `expr:gte(t,n_forced*${gopSeconds})`] : [];
  return ["-g", String(frames), ...exact];
}

/** Constant quality, or an average; both below the cap if there is one (VBV). */
function rate({ settings, codec, kbps }: VideoEncode): string[] {
  const { crf = CRF[codec], maxVideoKbps: cap } = settings;
  const capped = cap > 0 ? ["-maxrate", kilo(cap), "-bufsize", kilo(CAP_SECONDS * cap)] : [];
  return [...(kbps === undefined ? ["-crf", String(crf)] : ["-b:v", kilo(kbps)]), ...capped];
}

const passes = ({ pass }: VideoEncode): string[] =>
  pass ? ["-pass", String(pass.number), "-passlogfile", pass.statistics] : [];

const ENCODERS: { readonly [C in EncodedVideoCodec]: (encode: VideoEncode) => string[] } = {
  h264: (encode) => [
    // medium, measured like the others on 6 s of real footage at 854x480, by CPU seconds, size and VMAF: 3.5, 738 KB, 97.9.
    ...["-c:v", "libx264", "-preset", "medium", "-profile:v", "high", ...rate(encode), ...passes(encode)],
    // Closed: a key frame is a place to cut. Joined: headers declare what any clip may need, and the rate exactly.
    ...["-x264-params", encode.isJoined ? "open-gop=0:stitchable=1:force-cfr=1:chromaloc=0" : "open-gop=0"],
  ],
  hevc: (encode) => [
    // 7.5 s, 444 KB, 96.0.
    ...["-c:v", "libx265", "-preset", "medium", ...rate(encode)],
    // info=0: no version in the stream. Pools and frame threads follow the machine by default, and with them the bytes.
    // x265 takes passes only as its own parameters.
    ...["-x265-params", x265(encode)],
    ...tag("hevc", encode.format),
  ],
  vp9: (encode) => [
    // 7.8 s, 604 KB, 98.7. row-mt uses threads within a tile, without changing the bytes.
    ...["-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "4", "-row-mt", "1"],
    ...["-tile-columns", String(tileColumns(encode.width)), ...aomRate(encode), ...passes(encode)],
    // Frames that are referred to and never shown, chosen from 25 frames ahead.
    ...["-auto-alt-ref", "1", "-lag-in-frames", "25"],
  ],
  av1: (encode) =>
    encode.av1 === "libsvtav1"
      ? // 6.6 s, 423 KB, 97.2. One pass: ffmpeg hands it no statistics.
        ["-c:v", "libsvtav1", "-preset", "8", ...svtRate(encode)]
      : ["-c:v", "libaom-av1", "-cpu-used", "6", "-row-mt", "1", ...aomRate(encode), ...passes(encode)],
};

function x265({ pass, frames, isJoined }: VideoEncode): string {
  // Headers state whether rows of blocks may be encoded at the same time, which follows from the pools.
  const threads = isJoined ? 1 : renditionThreads(frames);
  return [
    ...["log-level=error", "info=0", "open-gop=0", `pools=${threads}`, `frame-threads=${threads > 1 ? 2 : 1}`],
    ...(pass ? [`pass=${pass.number}`, `stats=${pass.statistics.replaceAll(":", "\\:")}`] : []),
  ].join(":");
}

/** libvpx and libaom: -b:v beside -crf is the cap of a constrained quality; 0 is none. */
function aomRate({ settings: { crf, maxVideoKbps: cap }, codec, kbps }: VideoEncode): string[] {
  if (kbps === undefined) return ["-crf", String(crf ?? CRF[codec]), "-b:v", cap > 0 ? kilo(cap) : "0"];
  return ["-b:v", kilo(kbps), ...(cap > 0 ? ["-maxrate", kilo(cap), "-bufsize", kilo(CAP_SECONDS * cap)] : [])];
}

/** SVT-AV1 takes a cap only beside a quality. */
const svtRate = (encode: VideoEncode): string[] =>
  encode.kbps === undefined ? rate(encode) : ["-b:v", kilo(encode.kbps)];

/** Tiles are at least 256 pixels wide; as a power of two. */
const tileColumns = (width: number): number => Math.max(0, Math.min(2, Math.floor(Math.log2(width / 256))));
