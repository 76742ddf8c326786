import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Image, ImageFormat, type ImageIndex, ImageIndexSchema } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import { MAX_PIXELS } from "../ffmpeg/arguments.js";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { cropFault } from "./crop-fault.js";
import { imageSettings } from "./image-settings.js";
import type { ImageWorkers } from "./image-workers.js";
import { markFile } from "./mark-file.js";
import { readableImage } from "./readable-image.js";

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

/** Refuses what the probe of an image shows to be impossible. Throws PolyreelError `invalid`, with the setting as field. */
export function foreseeImage({ crop }: Pick<Image, "crop">, probe: Probe): void {
  const picture = requireImage(probe);
  const fault = crop && cropFault(crop, picture);
  if (fault) throw sourceError(fault);
}

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
