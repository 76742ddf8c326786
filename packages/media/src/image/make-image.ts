import { randomUUID } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type Image,
  ImageFormat,
  type ImageIndex,
  ImageIndexSchema,
  TextOverlaySchema,
  type Watermark,
} from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { MAX_PIXELS } from "../ffmpeg/arguments.js";
import { decodeHeif } from "../heif/decode-heif.js";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { sniffFile } from "../probe/sniff-file.js";
import { renderTexts } from "../text/render-texts.js";
import { imageSettings } from "./image-settings.js";
import type { ImageWorkers } from "./image-workers.js";

interface ImageWork {
  readonly workers: ImageWorkers;
  readonly tempDir: string;
  readonly signal: AbortSignal;
}

interface ImageFiles {
  readonly path: string;
  /** Of a watermark that is an image. */
  readonly markPath?: string | undefined;
}

/**
 * Makes an image of a still, by its normalised settings, as a file in `tempDir`; certifies it by reading it back. Throws
 * PolyreelError `invalid` for a file that is no image or damaged, and for settings that are impossible with it: its field
 * names the setting.
 */
export async function makeImage(
  { path, markPath }: ImageFiles,
  image: Image,
  { workers, tempDir, signal }: ImageWork,
): Promise<{ payloadPath: string; index: ImageIndex }> {
  const input = await readableImage(path, tempDir, signal);
  const mark = image.watermark && (await markFile(image.watermark, markPath, tempDir, signal));
  const payloadPath = join(tempDir, `image-${randomUUID()}`);
  const made = await workers.make(
    {
      input,
      output: payloadPath,
      settings: imageSettings(image),
      maxPixels: MAX_PIXELS,
      ...(mark && { markPath: mark }),
    },
    signal,
  );
  const { width, height, quality, hasMetadata, hasProfile, sourcePixels } = made;
  const index = create(ImageIndexSchema, {
    ...{ width, height, quality, hasMetadata, hasProfile },
    format: image.format || ImageFormat.JPEG,
    sourcePixels: BigInt(sourcePixels),
  });
  return { payloadPath, index };
}

/** A file that the program for images reads: a PNG in place of HEIC, which it cannot decode. */
async function readableImage(path: string, tempDir: string, signal: AbortSignal): Promise<string> {
  const sniffed = await sniffFile(path);
  switch (sniffed.kind) {
    case "gif":
    case "animatedWebp":
      return path;
    case "still":
      if (sniffed.demuxer === "bmp_pipe") throw noImage("a BMP", "Save it as PNG first.");
      return path;
    case "heif": {
      if (sniffed.format === "AVIF") return path;
      const folder = await mkdtemp(join(tempDir, "heif-"));
      const decoded = await decodeHeif(path, sniffed.format, { folder, signal });
      if (decoded) return decoded;
      throw sourceError({
        reason: `The file is a picture in ${sniffed.format}, which cannot be decoded here.`,
        remedy: "Export it as JPEG or PNG, or install libheif's heif-dec or heif-convert.",
      });
    }
    case "unknown":
      // An animated PNG is sniffed as such; a video is refused before.
      return path;
    default:
      throw noImage("no image", "Use JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.");
  }
}

const noImage = (what: string, remedy: string): PolyreelError =>
  sourceError({ reason: `The file is ${what}.`, remedy });

async function markFile(
  { mark, color, font }: Watermark,
  markPath: string | undefined,
  tempDir: string,
  signal: AbortSignal,
): Promise<string> {
  if (mark.case === "image" && markPath) return readableImage(markPath, tempDir, signal);
  if (mark.case !== "text") throw new PolyreelError("internal", "A watermark has neither an image nor a text.");
  const overlay = create(TextOverlaySchema, { ...TEXT, text: mark.value, color: color || "#ffffffff", font });
  const scene = { canvas: TEXT_CANVAS, stretch: { fromSeconds: 0, toSeconds: 1 }, fontPath: noFontFile };
  for await (const { png } of renderTexts([overlay], scene)) {
    const drawn = join(tempDir, `mark-${randomUUID()}.png`);
    await writeFile(drawn, png);
    return drawn;
  }
  throw new PolyreelError("invalid", {
    field: "watermark.text",
    reason: "The text of the watermark shows nothing.",
    remedy: "Give it letters, or leave the watermark out.",
  });
}

/** Large enough for the lines of a text that is as wide as a large photo; the program scales it down. */
const TEXT_CANVAS = { width: 4096, height: 4096 };
const TEXT = { position: "center", size: 0.05, maxWidth: 1, align: "center", safeArea: 0, weight: 700 };

const noFontFile = (): Promise<string> =>
  Promise.reject(new PolyreelError("internal", "A watermark has no font file."));

/** Codecs of animations, of which the first picture is used. */
const ANIMATIONS = new Set(["gif", "apng", "webp"]);

const THUMBNAIL = "Make a thumbnail of it: an output {thumbnail: {at: 1s}}.";

/** The picture of an image. Throws PolyreelError `invalid` for videos and sound. */
export function requireImage({ video }: Probe, remedy = THUMBNAIL): VideoProbe {
  if (!video) throw sourceError({ reason: "The file has sound but no picture.", remedy: "Use an image." });
  if (video.still || ANIMATIONS.has(video.codec)) return video;
  throw sourceError({
    reason: "The file is a video, not an image.",
    remedy,
  });
}
