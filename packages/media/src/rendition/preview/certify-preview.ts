import { readFile, stat } from "node:fs/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Preview, RenditionIndexSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { fileUrl, untrusted } from "../../ffmpeg/arguments.js";
import { runFfprobe } from "../../ffmpeg/run.js";
import { type Animation, parseAnimatedWebp } from "./animated-webp.js";
import type { PreviewEncoder } from "./formats.js";
import type { PreviewPlan } from "./plan-preview.js";

interface Asked {
  readonly format: PreviewEncoder;
  readonly preview: Preview;
  readonly plan: PreviewPlan;
  /** Number of encoded pictures. */
  readonly frames: number;
}

/** Times are rounded to hundredths in GIF, to thousandths in WebP. */
const ROUNDING_SECONDS = 0.02;
const DEADLINE_SECONDS = 60;

/**
 * Compares a finished preview with what was asked for, by reading all of its packets; returns what was found. Throws
 * PolyreelError `internal` with the difference.
 */
export async function certifyPreview(
  path: string,
  { format, preview, plan, frames }: Asked,
  signal: AbortSignal,
): Promise<MessageInitShape<typeof RenditionIndexSchema>> {
  const found = format.name === "webp" ? parseAnimatedWebp(await readFile(path)) : await probeAnimation(path, signal);
  const { size } = await stat(path);
  const { width, height } = plan.place.output;
  const seconds = frames / plan.fps;
  const faults = [
    ...(found.codec === format.codec ? [] : [`${found.codec} instead of ${format.codec}`]),
    ...(found.hasSound ? ["sound"] : []),
    ...(found.width === width && found.height === height
      ? []
      : [`a picture of ${found.width}x${found.height} instead of ${width}x${height}`]),
    // Equal pictures may be merged.
    ...(found.frames > 0 && found.frames <= frames ? [] : [`${found.frames} pictures instead of ${frames}`]),
    ...(format.name === "mp4" && found.frames !== frames ? [`${found.frames} pictures instead of ${frames}`] : []),
    ...(Math.abs(found.durationSeconds - seconds) <= ROUNDING_SECONDS + 0.01 / plan.fps
      ? []
      : [`a length of ${found.durationSeconds.toFixed(3)} s instead of ${seconds.toFixed(3)} s`]),
    ...(preview.maxMegabytes > 0 && size > preview.maxMegabytes * 1e6
      ? [`${size} bytes, more than ${preview.maxMegabytes} MB`]
      : []),
  ];
  if (faults.length > 0) {
    throw new PolyreelError("internal", {
      reason: `The preview that was made has ${faults.join(", ")}.`,
      remedy: "It was not delivered. Try other settings, and report it.",
    });
  }
  const { codec, durationSeconds } = found;
  const kbps = Math.round((size * 8) / 1000 / durationSeconds);
  return {
    ...{ format: format.name, durationSeconds, frames: found.frames },
    video: { codec, width, height, frameRate: plan.fps, durationSeconds, copied: false, kbps },
    encodedMegapixels: (frames * width * height) / 1e6,
  };
}

interface Report {
  readonly streams?: readonly { codec_type?: string; codec_name?: string; width?: number; height?: number }[];
  readonly packets?: readonly { codec_type?: string; pts_time?: string; duration_time?: string }[];
}

async function probeAnimation(path: string, signal: AbortSignal): Promise<Animation> {
  const args = [...untrusted, "-show_streams", "-show_packets", "-of", "json", "-i", fileUrl(path)];
  const report: Report = JSON.parse(await runFfprobe(args, { signal, deadlineSeconds: DEADLINE_SECONDS }));
  const { streams = [] } = report;
  const video = streams.find(({ codec_type }) => codec_type === "video");
  const packets = (report.packets ?? []).filter(({ codec_type }) => codec_type === "video");
  const times = packets.map(({ pts_time }) => Number(pts_time));
  const ends = packets.map(({ duration_time }, i) => (times[i] ?? 0) + Number(duration_time));
  return {
    ...{ codec: video?.codec_name ?? "no picture", width: video?.width ?? 0, height: video?.height ?? 0 },
    ...{ frames: packets.length, durationSeconds: Math.max(0, ...ends) - Math.min(...times, 0) },
    hasSound: streams.some(({ codec_type }) => codec_type === "audio"),
  };
}
