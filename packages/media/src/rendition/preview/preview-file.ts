import { randomUUID } from "node:crypto";
import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Preview } from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { seekTo } from "../../clip/seek.js";
import { mediaFault } from "../../ffmpeg/media-fault.js";
import { runFfmpeg } from "../../ffmpeg/run.js";
import type { MediaFile } from "../../operations/media-file.js";
import type { MadeRendition, RenditionWork } from "../transcode.js";
import { videoFilters } from "../video-filters.js";
import { certifyPreview } from "./certify-preview.js";
import { PREVIEW_FORMATS, type PreviewEncoder } from "./formats.js";
import { type PreviewPlan, type PreviewSegment, planPreview } from "./plan-preview.js";

/** Finding the first picture may mean decoding hours before it. */
const DEADLINE_SECONDS = 1800;
const STALL_SECONDS = 120;
/** FFV1 of 8 bits with half the chroma exceeds its pixels only by tables. */
const LOSSLESS_BYTES_PER_PIXEL = 3;
/** Share of the work that decoding is. */
const DECODED = 0.7;

/**
 * A short moving picture of a video. Its pictures are decoded once, without loss, segment after segment, so that memory
 * and time do not depend on the video's length; then encoded, with lower quality until the file is small enough. Throws
 * PolyreelError `invalid`, with the setting as field, if the file does not allow it, and `internal` if the result is not
 * as asked for; no file is left then.
 */
export async function previewFile(source: MediaFile, preview: Preview, work: RenditionWork): Promise<MadeRendition> {
  const plan = planPreview(preview, source.probe);
  const format = PREVIEW_FORMATS[preview.format];
  if (!format) throw new PolyreelError("internal", "A preview was requested without its format.");
  const folder = await mkdtemp(join(work.tempDir, "preview-"));
  try {
    const decoded = await decode(source, plan, folder, work);
    const made = join(folder, `made.${format.name}`);
    await encode(format, decoded, { preview, plan, folder, made, work });
    const index = await certifyPreview(made, { format, preview, plan, frames: decoded.frames }, work.signal);
    const payloadPath = join(work.tempDir, `${randomUUID()}.${format.name}`);
    await rename(made, payloadPath);
    return { payloadPath, index: { ...index, warnings: warningsOf(plan) } };
  } catch (error) {
    throw mediaFault(error, UNUSABLE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const UNUSABLE = {
  reason: "ffmpeg cannot process the file's pictures.",
  remedy: "Check that it plays. The service's log has what ffmpeg reported.",
};

function warningsOf({ place: { isCapped, output } }: PreviewPlan): string[] {
  const { width, height } = output;
  return isCapped ? [`The picture is smaller than asked for and keeps ${width}x${height}: upscale enlarges it.`] : [];
}

interface Decoded {
  readonly paths: readonly string[];
  readonly frames: number;
}

async function decode(source: MediaFile, plan: PreviewPlan, folder: string, work: RenditionWork): Promise<Decoded> {
  const paths: string[] = [];
  let frames = 0;
  for (const [i, segment] of plan.segments.entries()) {
    const path = join(folder, `segment-${i}.nut`);
    const found = await decodeSegment(source, plan, segment, path, work.signal);
    // An end in the middle of a picture is rounded.
    if (found > 0) paths.push(path);
    frames += found;
    work.onProgress?.((DECODED * (i + 1)) / plan.segments.length);
  }
  if (frames === 0 || frames < plan.frames - plan.segments.length)
    throw sourceError({
      reason: `Only ${frames} of ${plan.frames} pictures can be decoded.`,
      remedy: "Check that the video plays there, or choose another start.",
    });
  return { paths, frames };
}

/** Returns the number of pictures. The first one is that on screen at the start, even if it began before. */
async function decodeSegment(
  { path: media, probe }: MediaFile,
  { picture, settings, place, fps }: PreviewPlan,
  { startSeconds, frames }: PreviewSegment,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const { width, height } = place.output;
  const decoder = picture.decoder ? ["-c:v", picture.decoder] : [];
  const { inputOptions } = seekTo(startSeconds, probe, true);
  const zeroSeconds = (picture.firstPictureSeconds ?? picture.startSeconds) + startSeconds;
  const filters = videoFilters({ settings, picture, place, zeroSeconds, maxFrames: frames, restarts: probe.restarts });
  const alone = ["-map", "[v]", "-map_metadata", "-1", "-map_chapters", "-1"];
  const options = [...alone, "-frames:v", String(frames), "-c:v", "ffv1", "-threads", "1", "-f", "nut"];
  const stats = await runFfmpeg({
    inputs: [{ media, options: [...decoder, ...inputOptions, "-copyts", "-an", "-sn", "-dn"] }],
    filterComplex: filters,
    outputs: [{ file: path, options: [...options, "-t", (frames / fps).toFixed(6)] }],
    deadlineSeconds: DEADLINE_SECONDS,
    stallSeconds: STALL_SECONDS,
    maxOutputBytes: frames * width * height * LOSSLESS_BYTES_PER_PIXEL + (1 << 20),
    signal,
  });
  return stats.frames;
}

interface Encoding {
  readonly preview: Preview;
  readonly plan: PreviewPlan;
  readonly folder: string;
  readonly made: string;
  readonly work: RenditionWork;
}

/** Encodes at the first quality, or at the best one whose file is small enough. */
async function encode(
  { name, qualities, runs }: PreviewEncoder,
  { paths, frames }: Decoded,
  { preview: { maxMegabytes }, plan, folder, made, work }: Encoding,
): Promise<void> {
  const { width, height } = plan.place.output;
  const segments = paths.map((file) => ({ file }));
  const pads = segments.map((_, i) => `[${i}:v]`).join("");
  const pictures = `${pads}concat=n=${segments.length}:v=1:a=0,settb=AVTB,setpts=N/${plan.fps}/TB,fps=${plan.fps}`;
  for (const [attempt, quality] of qualities.entries()) {
    for (const run of runs({ quality, pictures, inputs: segments.length, folder, file: made })) {
      await runFfmpeg({
        inputs: [...segments, ...run.inputs],
        filterComplex: run.filters,
        filterThreads: 1,
        outputs: [{ file: run.file, options: ["-map", "[out]", ...run.options, ...REPRODUCIBLE] }],
        deadlineSeconds: DEADLINE_SECONDS,
        stallSeconds: STALL_SECONDS,
        maxOutputBytes: frames * width * height * LOSSLESS_BYTES_PER_PIXEL + (1 << 20),
        signal: work.signal,
      });
    }
    work.onProgress?.(DECODED + ((1 - DECODED) * (attempt + 0.99)) / qualities.length);
    if (maxMegabytes === 0 || (await stat(made)).size <= maxMegabytes * 1e6) return;
  }
  const { size } = await stat(made);
  throw sourceError({
    field: "maxMegabytes",
    reason: `${frames} pictures of ${width}x${height} take at least ${(size / 1e6).toFixed(2)} MB as ${name.toUpperCase()}.`,
    remedy: `Allow more than ${maxMegabytes} MB, or choose a smaller width, fewer seconds, a lower fps${name === "gif" ? ", or webp or mp4" : ""}.`,
  });
}

/** No dates, no program names: the same recipe gives the same bytes. */
const REPRODUCIBLE = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"];
