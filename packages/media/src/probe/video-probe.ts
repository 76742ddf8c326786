import { isStill } from "./chosen-streams.js";
import { colourProbe } from "./colour-probe.js";
import type { FfprobeJson, FfprobeStream, SideData } from "./ffprobe-json.js";
import type { Findings, PixelProbe, VideoProbe } from "./parse.js";
import { statedKbps } from "./stated-kbps.js";
import { pictureTimes } from "./stream-times.js";

/** A video stream as displayed, and how to convert its pixels. */
export function videoProbe(stream: FfprobeStream, json: FfprobeJson, findings: Findings): VideoProbe {
  const still = isStill(json, stream);
  const rotationDegrees = rotation(stream.side_data_list) ?? rotation(json.frames?.[0]?.side_data_list) ?? 0;
  // The density of a still is meant for printing: its pixels are square, as in browsers.
  const aspect = still ? 1 : (ratio(stream.sample_aspect_ratio) ?? 1);
  const size = [Math.max(1, Math.round((stream.width ?? 0) * aspect)), stream.height ?? 0] as const;
  const decoder = alphaDecoder(stream);
  const kbps = statedKbps(stream);
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
    ...(stream.pix_fmt && { pixelFormat: stream.pix_fmt }),
    ...(kbps !== undefined && { kbps }),
    pixels: { ...pixelProbe(stream), ...(decoder && { alpha: true }), ...markedPictures(stream, findings) },
  };
}

const markedPictures = (stream: FfprobeStream, { pictures }: Findings): Pick<PixelProbe, "interlacedPictures"> =>
  pictures?.interlaced && !isInterlaced(stream) ? { interlacedPictures: true } : {};

const ALPHA_DECODERS: Partial<Record<string, string>> = { vp8: "libvpx", vp9: "libvpx-vp9" };

/**
 * WebM stores transparency as a second picture, stated by a tag and not by `pix_fmt`. ffmpeg reports it in capitals for files
 * that it has remuxed.
 */
const alphaDecoder = ({ codec_name = "", tags }: FfprobeStream): string | undefined =>
  (tags?.alpha_mode ?? tags?.ALPHA_MODE) === "1" ? ALPHA_DECODERS[codec_name] : undefined;

const isInterlaced = ({ field_order }: FfprobeStream): boolean => /^(tt|bb|tb|bt)$/.test(field_order ?? "");

const pixelProbe = (stream: FfprobeStream): PixelProbe => ({
  alpha: /^(yuva|gbrap|rgba|bgra|argb|abgr|ya\d|pal8)/.test(stream.pix_fmt ?? ""),
  interlaced: isInterlaced(stream),
  ...colourProbe(stream),
});

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
