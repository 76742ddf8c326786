import type { OverlayOptions } from "sharp";
import type { Direction, MarkSettings } from "../image-job.js";
import { type Size, targetSize } from "../target-size.js";
import { fromPixels, type Image, openImage, type Pixels, toPixels } from "./library.js";

/** Width of a text relative to the result, unless given. */
const TEXT_SCALE = 0.25;

interface Mark {
  readonly path: string;
  readonly settings: MarkSettings;
  readonly maxPixels: number;
}

/** The watermark for a result of this size, in its place. */
export async function watermark({ path, settings, maxPixels }: Mark, result: Size): Promise<OverlayOptions> {
  const { offset, tiled, gravity, opacity } = settings;
  const pixels = await prepared(path, settings, result, maxPixels);
  // Four channels: see `prepared`.
  for (let at = 3; opacity < 1 && at < pixels.data.length; at += 4)
    pixels.data[at] = Math.round((pixels.data[at] ?? 0) * opacity);
  const { data, ...raw } = tiled ? await spaced(pixels, offset, result) : pixels;
  if (tiled) return { input: data, raw, tile: true, gravity: "northwest" };
  const [left, top] = placeOf(gravity, offset, raw, result);
  return { input: data, raw, left, top };
}

/** RGBA pixels of the mark in its final size. */
async function prepared(path: string, settings: MarkSettings, result: Size, maxPixels: number): Promise<Pixels> {
  const { isText, scale, offset, tiled } = settings;
  const upright = openImage(path, maxPixels).autoOrient();
  const mark: Image = isText ? fromPixels(await toPixels(upright.ensureAlpha())).trim() : upright;
  const whole = isText ? await toPixels(mark) : await sizeOf(mark);
  const share = scale || (isText ? TEXT_SCALE : 0);
  const margin = tiled ? { x: 0, y: 0 } : offset;
  const room = { width: Math.max(1, result.width - margin.x), height: Math.max(1, result.height - margin.y) };
  const width = share > 0 ? Math.max(1, Math.round(share * result.width)) : whole.width;
  const { scaled } = targetSize(whole, {
    width: Math.min(width, room.width),
    height: room.height,
    fit: "inside",
    enlarge: share > 0,
  });
  const source = "data" in whole ? fromPixels(whole as Pixels) : mark;
  const resized = source
    .resize({ ...scaled, fit: "fill" })
    .toColourspace("srgb")
    .ensureAlpha();
  const pixels = await toPixels(resized);
  return pixels.channels === 4 ? pixels : toPixels(fromPixels(pixels).toColourspace("srgb").ensureAlpha());
}

async function sizeOf(image: Image): Promise<Size> {
  const { autoOrient } = await image.metadata();
  return autoOrient;
}

/** With transparent space between the marks; never larger than the result. */
async function spaced(pixels: Pixels, { x, y }: MarkSettings["offset"], { width, height }: Size): Promise<Pixels> {
  const right = Math.max(0, Math.min(x, width - pixels.width));
  const bottom = Math.max(0, Math.min(y, height - pixels.height));
  if (right === 0 && bottom === 0) return pixels;
  return toPixels(fromPixels(pixels).extend({ right, bottom, background: { r: 0, g: 0, b: 0, alpha: 0 } }));
}

/** Left and top of a mark; inside the result, whatever the offset. */
function placeOf(
  gravity: Direction,
  offset: { readonly x: number; readonly y: number },
  mark: Size,
  result: Size,
): [left: number, top: number] {
  const along = (length: number, own: number, distance: number, side: "start" | "middle" | "end") => {
    const free = length - own;
    const wanted = side === "start" ? distance : side === "end" ? free - distance : Math.round(free / 2) + distance;
    return Math.max(0, Math.min(free, wanted));
  };
  const across = gravity.endsWith("west") ? "start" : gravity.endsWith("east") ? "end" : "middle";
  const down = gravity.startsWith("north") ? "start" : gravity.startsWith("south") ? "end" : "middle";
  return [along(result.width, mark.width, offset.x, across), along(result.height, mark.height, offset.y, down)];
}
