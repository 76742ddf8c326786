import type { Metadata } from "sharp";
import { cropFault } from "../crop-fault.js";
import type { Colour, ImageFormat, ImageJob, ImageSettings, MadeImage, MarkJob } from "../image-job.js";
import { type Size, targetSize } from "../target-size.js";
import { encodeInto } from "./encode.js";
import { fromPixels, type Image, openImage, toPixels, transparent } from "./library.js";
import { failureOf, Refusal } from "./refusal.js";
import { watermark } from "./watermark.js";

/** A turn by an angle that is no multiple of 90 degrees holds the image in memory several times. */
const MAX_TURNED_PIXELS = 50e6;
/** Of an animation or a TIFF of many pages, though only the first is decoded: the others take time to be counted. */
const MAX_PICTURES = 5_000;
/** Of a side, by format. */
const MAX_SIDES: Readonly<Record<ImageFormat, number>> = { jpeg: 65_500, png: 65_500, webp: 16_383, avif: 16_384 };

const WHITE: Colour = { r: 255, g: 255, b: 255, alpha: 1 };
const TRANSPARENT: Colour = { r: 0, g: 0, b: 0, alpha: 0 };

/** Makes an image, and reads back what was written. Throws Refusal, and sharp's errors. */
export async function processImage({ input, output, settings, markPath, maxPixels }: ImageJob): Promise<MadeImage> {
  const { format, keepMetadata, keepProfile } = settings;
  const opened = openImage(input, maxPixels);
  const metadata = await opened.metadata();
  assertFewPictures(metadata);
  const { image, size } = await turned(opened, metadata, settings);
  const { scaled, result } = targetSize(size, settings);
  assertPossible(result, format, maxPixels);
  const overlay =
    settings.mark && markPath
      ? await watermark({ path: markPath, settings: settings.mark, maxPixels }, result).catch(blamingMark)
      : undefined;
  let final = painted(image, metadata, settings);
  if (scaled !== size || result !== size) final = resized(final, scaled, result, settings);
  if (overlay) final = final.composite([overlay]);
  const isOpaque = !metadata.hasAlpha && settings.rotate % 90 === 0 && settings.fit !== "contain";
  if (overlay && isOpaque) final = final.removeAlpha();
  if (keepMetadata) final = final.keepExif().keepXmp();
  if (keepProfile) final = final.keepIccProfile();

  // Without anything to keep beside its pixels they are computed once for all tries.
  const once = settings.maxBytes > 0 && !keepMetadata && !keepProfile ? await toPixels(final) : undefined;
  const { quality, sizeBytes } = await encodeInto(output, () => (once ? fromPixels(once) : final.clone()), settings);
  const made = await readBack(output, maxPixels);
  if (made.format !== format || made.width !== result.width || made.height !== result.height) {
    const is = `${made.format} ${made.width}x${made.height}`;
    const reason = `The image came out as ${is}, not as ${format} ${result.width}x${result.height}.`;
    throw new Refusal({ code: "internal", reason, remedy: "Report this, with the image and its settings." });
  }
  return { ...made, format, quality, sizeBytes, sourcePixels: metadata.width * metadata.height };
}

/** Draws a watermark in its place on a transparent picture, as a PNG. Throws Refusal, and sharp's errors. */
export async function drawMark({ output, size, mark, markPath, maxPixels }: MarkJob): Promise<MadeImage> {
  const overlay = await watermark({ path: markPath, settings: mark, maxPixels }, size).catch(blamingMark);
  const { size: sizeBytes } = await transparent(size).composite([overlay]).png().toFile(output);
  const made = await readBack(output, maxPixels);
  return { ...made, format: "png", quality: 0, sizeBytes, sourcePixels: 0 };
}

function assertFewPictures({ pages = 1 }: Metadata): void {
  if (pages <= MAX_PICTURES) return;
  const digits = (count: number) => count.toLocaleString("en-US");
  throw new Refusal({
    code: "invalid",
    reason: `The file has ${digits(pages)} pictures; an image can be made of a file of at most ${digits(MAX_PICTURES)}.`,
    remedy: "Save its first picture as a file of its own.",
  });
}

interface Sized {
  readonly image: Image;
  readonly size: Size;
}

/** Upright, then cropped, then turned. */
async function turned(opened: Image, metadata: Metadata, settings: ImageSettings): Promise<Sized> {
  const { autoOrient: whole } = metadata;
  const { rotate, crop } = settings;
  const fault = crop && cropFault(crop, whole);
  if (fault) throw new Refusal({ code: "invalid", ...fault });
  const { width, height } = crop ?? whole;
  const upright = opened.autoOrient();
  if (rotate % 90 === 0) {
    const size = rotate % 180 === 0 ? { width, height } : { width: height, height: width };
    const image = rotate === 0 ? upright : upright.rotate(rotate);
    // sharp crops what is turned already.
    return { image: crop ? image.extract(turnedCrop(crop, whole, rotate)) : image, size };
  }
  if (width * height > MAX_TURNED_PIXELS) {
    throw new Refusal({
      code: "invalid",
      field: "rotate",
      reason: `The image has ${width}x${height} pixels; by ${rotate} degrees at most ${MAX_TURNED_PIXELS / 1e6} million are turned.`,
      remedy: "Turn it by a multiple of 90, or make it smaller first.",
    });
  }
  const background = settings.background ?? (settings.format === "jpeg" ? WHITE : TRANSPARENT);
  const cropped = crop ? upright.extract({ left: crop.x, top: crop.y, width, height }) : upright;
  const unturned = await toPixels(painted(cropped, metadata, settings));
  const pixels = await toPixels(fromPixels(unturned).rotate(rotate, { background }));
  return { image: fromPixels(pixels), size: pixels };
}

type Crop = NonNullable<ImageSettings["crop"]>;

/** A region of an image as it lies after a turn by a multiple of 90 degrees clockwise. */
function turnedCrop({ x, y, width, height }: Crop, whole: Size, rotate: number) {
  const right = whole.width - x - width;
  const below = whole.height - y - height;
  switch (rotate) {
    case 90:
      return { left: below, top: x, width: height, height: width };
    case 180:
      return { left: right, top: below, width, height };
    case 270:
      return { left: y, top: right, width: height, height: width };
    default:
      return { left: x, top: y, width, height };
  }
}

/** On its background: JPEG has no transparency. */
function painted(image: Image, { hasAlpha }: Metadata, { format, background }: ImageSettings): Image {
  if (!hasAlpha) return image;
  if (format === "jpeg") return image.flatten({ background: background ?? WHITE });
  return background && background.alpha === 1 ? image.flatten({ background }) : image;
}

function resized(image: Image, scaled: Size, result: Size, settings: ImageSettings): Image {
  const { fit, gravity, format, background } = settings;
  if (fit === "cover" && settings.width > 0 && settings.height > 0) {
    return image.resize({ ...result, fit, position: gravity });
  }
  const whole = image.resize({ ...scaled, fit: "fill" });
  if (scaled.width === result.width && scaled.height === result.height) return whole;
  const surrounding = background ?? (format === "jpeg" ? WHITE : TRANSPARENT);
  const [left, top] = spaceBefore(gravity, scaled, result);
  return whole.extend({
    left,
    top,
    right: result.width - scaled.width - left,
    bottom: result.height - scaled.height - top,
    background: format === "jpeg" ? { ...surrounding, alpha: 1 } : surrounding,
  });
}

function spaceBefore(gravity: string, scaled: Size, result: Size): [left: number, top: number] {
  const free = [result.width - scaled.width, result.height - scaled.height] as const;
  const across = gravity.endsWith("west") ? 0 : gravity.endsWith("east") ? free[0] : Math.floor(free[0] / 2);
  const down = gravity.startsWith("north") ? 0 : gravity.startsWith("south") ? free[1] : Math.floor(free[1] / 2);
  return [across, down];
}

function assertPossible({ width, height }: Size, format: ImageFormat, maxPixels: number): void {
  const side = MAX_SIDES[format];
  if (Math.max(width, height) <= side && width * height <= maxPixels) return;
  throw new Refusal({
    code: "invalid",
    reason: `The result would have ${width}x${height} pixels; ${format.toUpperCase()} can have ${side} a side here, and ${maxPixels / 1e6} million in all.`,
    remedy: "Make it smaller by its width or height, or choose another format.",
  });
}

/** For `catch`: the watermark is at fault. */
function blamingMark(error: unknown): never {
  throw new Refusal({ ...failureOf(error), isMark: true });
}

type ReadBack = Omit<MadeImage, "format" | "quality" | "sizeBytes" | "sourcePixels"> & { readonly format: string };

export async function readBack(path: string, maxPixels: number): Promise<ReadBack> {
  const { format, compression, width, height, exif, xmp, iptc, icc } = await openImage(path, maxPixels).metadata();
  return {
    format: format === "heif" && compression === "av1" ? "avif" : (format ?? "unknown"),
    ...{ width, height },
    hasMetadata: exif !== undefined || xmp !== undefined || iptc !== undefined,
    hasProfile: icc !== undefined,
  };
}
